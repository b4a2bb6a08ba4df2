import { DecisionError } from "../../base/errors/mod.ts";
import { counted, type Report } from "../terminal/report.ts";
import { databaseText } from "./database_text.ts";
import type { Context } from "./context.ts";

/** Options of `dbp dropdb`. */
interface DropdbOptions {
  /** Whether to drop without asking. */
  readonly yes: boolean;
}

/**
 * Drops the tables of the models and the history, never the database. Asks for
 * confirmation before it connects.
 *
 * @throws {DecisionError} if the user does not confirm
 */
export async function run(
  { yes }: DropdbOptions,
  { path, entry, engine, open, confirm }: Context,
): Promise<Report> {
  const question = `Drop all tables of the models, with all data, from ${
    databaseText(engine.name, entry)
  } (settings: ${path})?`;
  if (!yes && !await confirm(question)) {
    throw new DecisionError("Nothing was dropped", ["--yes"]);
  }
  await using connection = await open();
  const dropped = await connection.dropDb();
  return {
    data: { dropped },
    lines: [
      dropped.length === 0
        ? `Nothing to drop (credentials from ${path})`
        : `Dropped ${
          counted(dropped.length, "table")
        } with credentials from ${path}: ${dropped.join(", ")}`,
    ],
  };
}
