import { ask, choose, isAtTerminal } from "../terminal/ask.ts";
import { runCheck } from "./check.ts";
import { runDrift } from "./drift.ts";
import { runDropdb } from "./dropdb.ts";
import { runHistory } from "./history.ts";
import { runInitdb } from "./initdb.ts";
import { runMakeMigrations } from "./make_migrations.ts";
import { runMigrate } from "./migrate.ts";
import type { Command } from "../parse/parser.ts";
import type { Person } from "../terminal/person.ts";
import { linesTo, updatingLine } from "../terminal/progress.ts";
import type { Report } from "../terminal/report.ts";
import { runRollback } from "./rollback.ts";
import { runSql } from "./sql.ts";
import { runStamp } from "./stamp.ts";
import { runStatus } from "./status.ts";

const USUAL_COLUMNS = 80;

/**
 * Carries out a command. Prints no results.
 *
 * @param told takes a line about long work; undefined where this program's own
 * terminal is to be told
 * @throws {DecisionError} where the person says no, or there is nobody to ask
 */
export async function run(
  command: Command,
  told?: (line: string) => void,
): Promise<Report> {
  const progress = told === undefined
    ? updatingLine(write, columns)
    : linesTo(told);
  try {
    return await carryOut(command, {
      confirm: ask,
      decide: isAtTerminal() ? choose : undefined,
      tell: progress.tell,
    });
  } finally {
    progress.end();
  }
}

function carryOut(command: Command, person: Person): Promise<Report> {
  switch (command.command) {
    case "initdb":
      return runInitdb(command, person);
    case "make_migrations":
      return runMakeMigrations(command, person);
    case "migrate":
      return runMigrate(command, person);
    case "rollback":
      return runRollback(command, person);
    case "status":
      return runStatus(command);
    case "history":
      return runHistory(command);
    case "check":
      return runCheck(command);
    case "drift":
      return runDrift(command);
    case "stamp":
      return runStamp(command, person);
    case "sql":
      return runSql(command);
    case "dropdb":
      return runDropdb(command, person);
  }
}

/** A terminal that is gone is no reason to stop in the middle of a migration. */
function write(text: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } catch { /* Nobody reads it. */ }
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || USUAL_COLUMNS;
  } catch {
    return USUAL_COLUMNS;
  }
}
