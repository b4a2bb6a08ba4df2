import { DecisionError } from "../../base/errors/mod.ts";
import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import { counted } from "../terminal/report.ts";
import type { Context } from "./context.ts";

/** The number of tables that the question names. */
const NAMED = 5;

/**
 * Asks before the first migration of a database that contains tables of others:
 * it may be the wrong database.
 *
 * @throws {DecisionError} if the user does not confirm
 */
export async function confirmFirst(
  target: MigrationTarget,
  { yes }: { readonly yes: boolean },
  { path, confirm }: Context,
): Promise<void> {
  if (yes || (await target.history()).length > 0) return;
  const tables = await target.otherTables?.() ?? [];
  if (tables.length === 0) return;
  const names = [
    ...tables.slice(0, NAMED),
    ...tables.length > NAMED ? ["…"] : [],
  ];
  const question =
    `${target.place} (settings: ${path}) has no migration history, and contains ${
      counted(tables.length, "table")
    } that no model describes: ${
      names.join(", ")
    }. Begin to manage the tables of the models in this database?`;
  if (!await confirm(question)) {
    throw new DecisionError("Nothing was changed", ["--yes"]);
  }
}
