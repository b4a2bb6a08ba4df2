import type { SchemaPlan } from "../../../engine/migrations/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver, SqlLink } from "../../link/link.ts";
import { currentSchema, liveTables } from "../../schema/introspect.ts";
import { difference } from "./difference.ts";
import { extensionsInWords } from "../compare/extensions.ts";
import { inScratch } from "../compare/scratch_schema.ts";
import { wantedTables } from "../compare/wanted_tables.ts";
import { inWords } from "../compare/change_text.ts";

/** What is different between the tables and the models, in words, and what neither models nor history know. */
export async function differencesNow(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
  managed: readonly string[],
): Promise<Pick<SchemaPlan, "changes" | "unmanaged">> {
  return await inScratch(driver, schema, async (scratch) => {
    const { made: wanted, extensions, lacking } = await wantedTables(
      scratch,
      models,
    );
    const comes = extensionsInWords({ extensions, lacking });
    // Without it the server cannot say what else the models want.
    if (wanted === undefined) return { changes: comes, unmanaged: [] };
    const { changes, unmanaged } = await difference(
      scratch,
      models,
      scratch.live,
      wanted,
      {
        intent: { renames: new Map(), drops: new Set(), defaults: new Map() },
        managed: [],
      },
    );
    const ours = new Set(managed);
    return {
      changes: [...comes, ...changes.map(inWords)],
      unmanaged: unmanaged.filter((name) => !ours.has(name)),
    };
  });
}

/** Whether none of the models' tables is there. */
export async function isEmpty(
  link: SqlLink,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<boolean> {
  const home = schema ?? await currentSchema(link);
  const names = models.map(({ table }) => table);
  return (await liveTables(link, home, names)).size === 0;
}
