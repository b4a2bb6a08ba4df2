import type { Draft, SchemaPlan } from "../../../migration.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver } from "../../link.ts";
import { assertNamed } from "../../../migration_intent.ts";
import { difference } from "./difference.ts";
import { drafts } from "./draft.ts";
import type { PlanOptions } from "./options.ts";
import { questions } from "./questions.ts";
import { place, underNewNames } from "./managed.ts";
import { inScratch, type Tables } from "./scratch.ts";
import { wantedTables } from "./wanted.ts";
import { settle } from "./settle.ts";
import { inWords, nameOf } from "./words.ts";

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
    const wanted = await wantedTables(scratch, models);
    const found = await difference(scratch, models, live, wanted, options);
    const { changes, refused, decisions } = await settle(found.changes, {
      scratch,
      models,
      intent: options.intent,
      ...found,
    });
    assertNamed(options.intent, [
      ...options.managed,
      ...underNewNames(options.managed, found.renames),
      ...namesOf(live),
      ...namesOf(found.current),
      ...namesOf(wanted),
    ]);
    const open = [
      ...questions(found.changes, changes, options.intent),
      ...decisions,
    ];
    const asked = open.length > 0;
    const files = drafts(changes, {
      version: scratch.version,
      current: found.current,
      wanted,
    });
    return {
      up: asked ? NOTHING : files.up,
      down: asked ? NOTHING : files.down,
      name: options.empty === true ? "initial" : nameOf(changes),
      changes: found.changes.map(inWords),
      unmanaged: found.unmanaged,
      decisions: open,
      refused,
    };
  });
}

/** The names of tables and their columns. */
function namesOf(tables: Tables): string[] {
  return [...tables.values()].flatMap(({ name, columns }) => [
    name,
    ...columns.map((column) => place.column(name, column.name)),
  ]);
}
