import type {
  Draft,
  PlanOptions,
  SchemaPlan,
} from "../../../engine/migrations/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver } from "../../link/link.ts";
import { assertNamed } from "../../../migrations/plan/intent.ts";
import { intentUnder } from "../../../migrations/plan/renames.ts";
import { difference } from "./difference.ts";
import { drafts } from "../steps/drafts.ts";
import { extensionsInWords, makingExtensions } from "../compare/extensions.ts";
import { questions } from "../decide/questions.ts";
import { heldIn } from "../compare/renames.ts";
import { inScratch } from "../compare/scratch_schema.ts";
import { wantedTables } from "../compare/wanted_tables.ts";
import { settle } from "../decide/fills.ts";
import { inWords, nameOf } from "../compare/change_text.ts";

const NOTHING: Draft = { steps: [], destructive: [], requires: [] };

/**
 * What it takes to make the tables what the models say. The models are made
 * beside the live tables in a transaction that is rolled back, so that the
 * server spells both alike; nothing is left of it.
 *
 * @param schema where the tables are; the connection's own where undefined
 * @throws {MigrationError} where what a person wants fits neither side
 */
export async function planSchema(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
  options: PlanOptions,
): Promise<SchemaPlan> {
  return await inScratch(driver, schema, async (scratch) => {
    const live = options.empty === true ? new Map() : scratch.live;
    const { made: wanted, extensions, lacking } = await wantedTables(
      scratch,
      models,
      // Where another database begins with a file, it may have none of them.
      options.empty,
    );
    const comes = extensionsInWords({ extensions, lacking });
    if (wanted === undefined) {
      return {
        ...{ up: NOTHING, down: NOTHING, name: "add_extension" },
        ...{ changes: comes, unmanaged: [], decisions: [] },
        refused: [lacking],
      };
    }
    const found = await difference(scratch, models, live, wanted, options);
    assertNamed(options.intent, {
      managed: options.managed,
      models,
      live: heldIn(live),
      renames: found.renames,
    });
    const intent = intentUnder(options.intent, found.renames);
    const { changes, refused, decisions } = await settle(found.changes, {
      scratch,
      models,
      intent,
      ...found,
    });
    const open = [
      ...questions(found.changes, changes, intent),
      ...decisions,
    ];
    const asked = open.length > 0;
    const files = makingExtensions(
      drafts(changes, {
        version: scratch.version,
        current: found.current,
        wanted,
      }),
      extensions,
    );
    return {
      up: asked ? NOTHING : files.up,
      down: asked ? NOTHING : files.down,
      name: options.empty === true ? "initial" : nameOf(changes),
      changes: [...comes, ...found.changes.map(inWords)],
      unmanaged: found.unmanaged,
      decisions: open,
      refused,
    };
  });
}
