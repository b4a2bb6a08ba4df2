import type { SchemaPlan } from "../../../engine/migrations/mod.ts";
import { OWN_TABLES } from "../../../migrations/history/own_tables.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver, SqlLink } from "../../link/link.ts";
import { differenceOf } from "../../schema/difference_of.ts";
import { currentSchema, definedTables } from "../../schema/introspect.ts";
import { extensionChanges } from "../compare/extensions.ts";
import { enumDifferenceTexts } from "../../schema/enum_types.ts";
import { inScratch } from "../compare/scratch_schema.ts";
import { wantedTables } from "../compare/wanted_tables.ts";
import { differenceBetween } from "./schema_difference.ts";

/** Returns the changes that make the tables match the models, and the objects that neither models nor history list. */
export async function differencesNow(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
  managed: readonly string[],
  adopting?: boolean,
): Promise<Pick<SchemaPlan, "changes" | "unmanaged">> {
  return await inScratch(driver, schema, async (scratch) => {
    const wanted = await wantedTables(scratch, models, { adopting });
    const extensions = extensionChanges(wanted);
    // Without its extensions the server cannot describe the wanted tables.
    if (wanted.value === undefined) {
      return { changes: extensions, unmanaged: [] };
    }
    const { changes, unmanaged } = await differenceBetween(
      scratch,
      models,
      scratch.live,
      wanted.value,
      {
        intent: { renames: new Map(), drops: new Set(), defaults: new Map() },
        managed: [],
      },
    );
    const ours = new Set(managed);
    return {
      changes: [
        ...extensions,
        ...enumDifferenceTexts(wanted.types).map(({ change }) => change),
        ...changes.map((change) => differenceOf(change).change),
      ],
      unmanaged: unmanaged.filter((name) => !ours.has(name)),
    };
  });
}

/** Returns the tables of the schema that no model describes. */
export async function otherTables(
  link: SqlLink,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<readonly string[]> {
  const home = schema ?? await currentSchema(link);
  const known = new Set([...models.map(({ table }) => table), ...OWN_TABLES]);
  return [...(await definedTables(link, home, undefined)).keys()]
    .filter((name) => !known.has(name));
}

/** Returns whether none of the models' tables exists. */
export async function isEmpty(
  link: SqlLink,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<boolean> {
  const home = schema ?? await currentSchema(link);
  const names = models.map(({ table }) => table);
  return (await definedTables(link, home, names)).size === 0;
}
