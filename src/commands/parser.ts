import { object, or } from "@optique/core/constructs";
import { runParser } from "@optique/core/facade";
import {
  commandLine,
  lineBreak,
  type Message,
  message,
} from "@optique/core/message";
import { optional, withDefault } from "@optique/core/modifiers";
import { command, constant, flag, option } from "@optique/core/primitives";
import { string } from "@optique/core/valueparser";

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

/** Exit codes of a command line that runs no command. */
const DONE = 0;
const USAGE = 64;

const shared = {
  settingsPath: withDefault(
    option("--settings_path", "--settings-path", string({ metavar: "PATH" }), {
      description: message`The settings file, or the folder it is in.`,
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
    footer: examples(
      "dbp initdb",
      "dbp initdb --settings_path ./conf --create-database",
    ),
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
    footer: examples("dbp dropdb", "dbp dropdb --yes --settings_path ./conf"),
  },
);

/** Reads a command line: the command, or the exit code where there is only something to say. */
export function parseArguments(
  args: readonly string[],
  version: string,
  out: (text: string) => void,
  err: (text: string) => void,
): Command | number {
  return runParser(
    or(initdb, dropdb),
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
      help: { command: true, option: true, onShow: () => DONE },
      version: { option: true, value: version, onShow: () => DONE },
      completion: {
        command: { names: ["completions", "completion"] },
        onShow: () => DONE,
      },
      onError: () => USAGE,
      stdout: out,
      stderr: err,
      showDefault: true,
      termWidth: "auto",
      colors: false,
    },
  );
}

function examples(...lines: readonly string[]): Message {
  return lines.flatMap((
    line,
  ) => [...message`${commandLine(line)}`, lineBreak()]);
}
