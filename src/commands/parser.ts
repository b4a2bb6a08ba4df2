import { object, or } from "@optique/core/constructs";
import { runParser } from "@optique/core/facade";
import {
  formatMessage,
  lineBreak,
  type Message,
  message,
  text,
} from "@optique/core/message";
import { optional, withDefault } from "@optique/core/modifiers";
import { suggestSync } from "@optique/core/parser";
import { command, constant, flag, option } from "@optique/core/primitives";
import { string, type ValueParser } from "@optique/core/valueparser";
import { unexpected, usageError } from "./usage_error.ts";

/** A command with its options, as the command line gave them. */
export type Command =
  & {
    /** The settings file or its folder. */
    readonly settingsPath: string;
    /** The entry of `DB_CONFIG`. */
    readonly db?: string | undefined;
    /** Whether to print one JSON object. */
    readonly json: boolean;
  }
  & (
    | { readonly command: "initdb"; readonly createDatabase: boolean }
    | { readonly command: "dropdb"; readonly yes: boolean }
  );

/** A place on the disk, which shells complete. */
const path: ValueParser<"sync", string> = {
  ...string({ metavar: "PATH" }),
  *suggest(pattern) {
    yield { kind: "file", type: "any", pattern };
  },
};

const shared = {
  settingsPath: withDefault(
    option("--settings_path", "--settings-path", path, {
      description:
        message`The settings file, or the folder it is in; this folder by default.`,
    }),
    ".",
  ),
  db: optional(option("--db", string({ metavar: "KEY" }), {
    description: message`The entry of DB_CONFIG; SQL where there is one.`,
  })),
  json: withDefault(
    flag("--json", {
      description: message`Print one JSON object instead of lines.`,
    }),
    false,
  ),
};

const initdb = command(
  "initdb",
  object({
    command: constant("initdb"),
    createDatabase: withDefault(
      flag("--create-database", "--create_database", {
        description:
          message`Make the database itself too, where it is missing.`,
      }),
      false,
    ),
    ...shared,
  }),
  {
    brief: message`Make the tables that the models describe.`,
    description:
      message`Makes the tables that the models describe, with keys and indexes. Tables that are there must be what the models say; if they are not, every difference is named and nothing is changed.`,
    footer: [
      ...message`Examples:`,
      lineBreak(),
      ...examples(
        "  dbp initdb",
        "  dbp initdb --settings_path ./conf --create-database",
      ),
    ],
  },
);

const dropdb = command(
  "dropdb",
  object({
    command: constant("dropdb"),
    yes: withDefault(
      flag("--yes", "-y", { description: message`Do not ask.` }),
      false,
    ),
    ...shared,
  }),
  {
    brief: message`Drop the models' tables and all that is in them.`,
    description:
      message`Drops the models' tables, all that is in them, and the history of migrations; never the database itself. Asks first.`,
    footer: [
      ...message`Examples:`,
      lineBreak(),
      ...examples("  dbp dropdb", "  dbp dropdb --yes --settings_path ./conf"),
    ],
  },
);

const commands = or(initdb, dropdb);

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
  const parser = or(initdb, dropdb, {
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
        "dbp initdb",
        "dbp initdb --settings_path ./conf",
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

function examples(...lines: readonly string[]): Message {
  return lines.flatMap((line, place) =>
    place === 0 ? [text(line)] : [lineBreak(), text(line)]
  );
}
