import { ask } from "./ask.ts";
import { dropdb, type DropdbReport } from "./dropdb.ts";
import { initdb, type InitdbReport } from "./initdb.ts";
import type { Command } from "./parser.ts";

/** What a command came to: for programs, and in lines. */
export interface Report {
  /** One JSON object. */
  readonly data: object;
  /** The same for a person. */
  readonly lines: readonly string[];
}

/**
 * Carries out a command. Prints nothing.
 *
 * @param confirm asks the person at the terminal
 * @throws {DecisionError} where the person says no, or there is nobody to ask
 */
export async function run(
  command: Command,
  confirm: (question: string) => Promise<boolean> = ask,
): Promise<Report> {
  switch (command.command) {
    case "initdb": {
      const report = await initdb(command);
      return { data: report, lines: initdbLines(report) };
    }
    case "dropdb": {
      const report = await dropdb(
        command,
        command.yes ? () => Promise.resolve(true) : confirm,
      );
      return { data: report, lines: dropdbLines(report) };
    }
  }
}

function initdbLines(
  { path, databaseCreated, created, present, notes = [] }: InitdbReport,
): string[] {
  const lines = databaseCreated ? ["Made the database", ...notes] : [...notes];
  if (created.length === 0) {
    return [
      ...lines,
      `Nothing ${
        notes.length > 0 ? "else " : ""
      }to do: every table of the models is there, as the models say (credentials from ${path})`,
    ];
  }
  if (present.length > 0) {
    lines.push(`Kept ${tables(present)}; made ${created.join(", ")}`);
  }
  return [...lines, `Database created with credentials from ${path}`];
}

function dropdbLines({ path, dropped }: DropdbReport): string[] {
  return [
    dropped.length === 0
      ? `Nothing to drop with credentials from ${path}`
      : `Dropped ${tables(dropped)} with credentials from ${path}: ${
        dropped.join(", ")
      }`,
  ];
}

function tables({ length }: readonly string[]): string {
  return length === 1 ? "1 table" : `${length} tables`;
}
