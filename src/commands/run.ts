import { DecisionError } from "../errors.ts";
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
 * @param confirm asks the person at the terminal; false where there is nobody
 * @returns undefined where the person said no
 */
export async function run(
  command: Command,
  confirm: (question: string) => Promise<boolean>,
): Promise<Report | undefined> {
  switch (command.command) {
    case "initdb": {
      const report = await initdb(command);
      return { data: report, lines: initdbLines(report) };
    }
    case "dropdb": {
      const question =
        `Drop every table of the models, with all that is in them (settings: ${command.settingsPath})?`;
      if (!command.yes && !await confirm(question)) return undefined;
      const report = await dropdb(command);
      return { data: report, lines: dropdbLines(report) };
    }
  }
}

/**
 * Asks at the terminal.
 *
 * @throws {DecisionError} where there is none
 */
export async function ask(question: string): Promise<boolean> {
  if (!Deno.stdin.isTerminal()) {
    throw new DecisionError(
      "Dropping tables needs a yes, and there is no terminal to ask at: say --yes if it is meant",
      ["--yes"],
    );
  }
  const { confirm } = await import("@clack/prompts");
  return await confirm({ message: question, initialValue: false }) === true;
}

function initdbLines(
  { path, databaseCreated, created, present }: InitdbReport,
): string[] {
  const lines = databaseCreated ? ["Made the database"] : [];
  if (created.length === 0) {
    return [
      ...lines,
      `Nothing to do: all ${present.length} tables are there and are what the models say (credentials from ${path})`,
    ];
  }
  if (present.length > 0) {
    lines.push(`Kept ${present.length} tables; made ${created.join(", ")}`);
  }
  return [...lines, `Database created with credentials from ${path}`];
}

function dropdbLines({ path, dropped }: DropdbReport): string[] {
  return [
    dropped.length === 0
      ? `Nothing to drop with credentials from ${path}`
      : `Dropped ${dropped.length} tables with credentials from ${path}: ${
        dropped.join(", ")
      }`,
  ];
}
