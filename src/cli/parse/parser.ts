import { or } from "@optique/core/constructs";
import { runParser } from "@optique/core/facade";
import { formatMessage, message, text } from "@optique/core/message";
import { suggestSync } from "@optique/core/parser";
import { type CheckCommand, checkParser } from "./check.ts";
import { type DriftCommand, driftParser } from "./drift.ts";
import { type DropdbCommand, dropdbParser } from "./dropdb.ts";
import { type HistoryCommand, historyParser } from "./history.ts";
import { type InitdbCommand, initdbParser } from "./initdb.ts";
import {
  type MakeMigrationsCommand,
  makeMigrationsParser,
} from "./make_migrations.ts";
import { type MigrateCommand, migrateParser } from "./migrate.ts";
import { examples } from "./options.ts";
import { type RollbackCommand, rollbackParser } from "./rollback.ts";
import { type SqlCommand, sqlParser } from "./sql.ts";
import { type StampCommand, stampParser } from "./stamp.ts";
import { type StatusCommand, statusParser } from "./status.ts";
import { unexpected, usageError } from "./usage_error.ts";

/** A command with its options, as the command line gave it. */
export type Command =
  | InitdbCommand
  | MakeMigrationsCommand
  | MigrateCommand
  | RollbackCommand
  | StatusCommand
  | HistoryCommand
  | CheckCommand
  | DriftCommand
  | StampCommand
  | SqlCommand
  | DropdbCommand;

/** In the order of the page of help. */
const PARSERS = [
  initdbParser,
  makeMigrationsParser,
  migrateParser,
  rollbackParser,
  statusParser,
  historyParser,
  checkParser,
  driftParser,
  stampParser,
  sqlParser,
  dropdbParser,
] as const;

const commands = or(...PARSERS);

/**
 * Reads a command line.
 *
 * @param out takes help, the version and completions, where they are asked for
 * @returns undefined where that is all there was to do
 * @throws {UsageError} naming what is wrong, and the right name it most resembles
 */
export function parseArguments(
  args: readonly string[],
  version: string,
  out: (text: string) => void,
): Command | undefined {
  const shown = (): undefined => undefined;
  const parser = or(...PARSERS, {
    errors: {
      unexpectedInput: (word) => [text(unexpected(word, args, choices))],
    },
  });
  return runParser<typeof parser, undefined, never>(
    parser,
    "dbp",
    args.length === 0 ? ["--help"] : args,
    {
      brief:
        message`Databases of ALeRCE's alert brokers: one model, PostgreSQL and more.`,
      examples: examples(
        "dbp initdb --settings_path ./conf",
        "dbp make_migrations",
        "dbp migrate",
        "dbp completions bash > dbp.bash",
      ),
      help: {
        command: true,
        option: { names: ["--help", "-h"] },
        onShow: shown,
      },
      version: { option: true, value: version, onShow: shown },
      completion: {
        command: { names: ["completions", "completion"] },
        onShow: shown,
      },
      aboveError: "none",
      onError: (_code, problem) => {
        throw usageError(
          formatMessage(problem, { quotes: false }),
          args,
          choices,
        );
      },
      // Completions come with line ends between them, on top of the one that every line gets.
      stdout: (text) => {
        if (text.trim() !== "") out(text.trimEnd());
      },
      stderr: () => {},
      termWidth: "auto",
      colors: false,
    },
  );
}

/** What could stand behind these words and begin like this. */
function choices(before: readonly string[], prefix: string): string[] {
  const [first = prefix, ...rest] = [...before, prefix];
  return suggestSync(commands, [first, ...rest]).flatMap((suggestion) =>
    suggestion.kind === "literal" ? [suggestion.text] : []
  );
}
