import { DecisionError } from "../../base/errors/mod.ts";
import type { DropdbCommand } from "../parse/dropdb.ts";
import type { Person } from "../terminal/person.ts";
import { placeOf } from "./database_name.ts";
import { counted, type Report } from "../terminal/report.ts";
import { findTarget } from "./target.ts";

/** What `dropdb` did. */
export interface DropdbReport {
  /** The settings file. */
  readonly path: string;
  /** The tables or collections that are gone. */
  readonly dropped: readonly string[];
}

/**
 * Drops the models' tables and the history, never the database. Asks whether
 * that is meant, before the database is touched.
 *
 * @throws {DecisionError} where it is not
 */
export async function runDropdb(
  command: DropdbCommand,
  { confirm }: Person,
): Promise<Report> {
  const { path, entry, engine, open } = await findTarget(command);
  const question =
    `Drop every table of the models, with all that is in them, from ${
      placeOf(engine.name, entry)
    } (settings: ${path})?`;
  if (!command.yes && !await confirm(question)) {
    throw new DecisionError("Nothing was dropped", ["--yes"]);
  }
  await using connection = await open();
  const report = { path, dropped: await connection.dropDb() };
  return { data: report, lines: [lineOf(report)] };
}

function lineOf({ path, dropped }: DropdbReport): string {
  return dropped.length === 0
    ? `Nothing to drop with credentials from ${path}`
    : `Dropped ${
      counted(dropped.length, "table")
    } with credentials from ${path}: ${dropped.join(", ")}`;
}
