/**
 * `dbp`, the command line.
 *
 * @example
 * ```ts
 * import { main } from "@alerce/db-plugins/cli";
 * import assert from "node:assert/strict";
 *
 * const printed: string[] = [];
 * const code = await main(["--version"], { out: (text) => printed.push(text), err: () => {} });
 * assert.equal(code, 0);
 * assert.match(printed.join(), /\d+\.\d+\.\d+/);
 * ```
 *
 * @module
 */
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
import meta from "./deno.json" with { type: "json" };

/** Where {@link main} writes. */
export interface Output {
  /** A line of results. */
  out(text: string): void;
  /** A line for the person at the terminal. */
  err(text: string): void;
}

/** Exit codes, as far as these commands use them. */
const EXIT = {
  done: 0,
  failed: 1,
  different: 5,
  undecided: 7,
  usage: 64,
} as const;

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

type Command = Exclude<ReturnType<typeof parse>, number>;

/**
 * Runs the command line.
 *
 * @param args what stands behind `dbp`
 * @returns the exit code: 0 done, 1 failed, 5 the database differs from the
 * models, 7 a decision is needed, 64 the command line is wrong
 */
export async function main(
  args: readonly string[],
  output: Output = terminal,
): Promise<number> {
  const parsed = parse(args.length === 0 ? ["--help"] : args, output);
  if (typeof parsed === "number") return parsed;
  try {
    return await run(parsed, output);
  } catch (error) {
    return await failure(error, parsed.json, output);
  }
}

function parse(args: readonly string[], { out, err }: Output) {
  return runParser(or(initdb, dropdb), "dbp", args, {
    brief:
      message`Databases of ALeRCE's alert brokers: one model, PostgreSQL and more.`,
    examples: examples(
      "dbp initdb",
      "dbp initdb --settings_path ./conf",
      "dbp completions bash > dbp.bash",
    ),
    help: { command: true, option: true, onShow: () => EXIT.done },
    version: { option: true, value: meta.version, onShow: () => EXIT.done },
    completion: {
      command: { names: ["completions", "completion"] },
      onShow: () => EXIT.done,
    },
    onError: () => EXIT.usage,
    stdout: out,
    stderr: err,
    showDefault: true,
    termWidth: "auto",
    colors: false,
  });
}

async function run(parsed: Command, output: Output): Promise<number> {
  switch (parsed.command) {
    case "initdb": {
      const { initdb } = await import("./src/commands/initdb.ts");
      const report = await initdb(parsed);
      if (parsed.json) output.out(JSON.stringify(report));
      else for (const line of initdbLines(report)) output.out(line);
      return EXIT.done;
    }
    case "dropdb": {
      const { dropdb } = await import("./src/commands/dropdb.ts");
      if (!parsed.yes && !await confirmed(parsed)) {
        output.err("Nothing was dropped");
        return EXIT.undecided;
      }
      const { path, dropped } = await dropdb(parsed);
      output.out(
        parsed.json
          ? JSON.stringify({ path, dropped })
          : dropped.length === 0
          ? `Nothing to drop with credentials from ${path}`
          : `Dropped ${dropped.length} tables with credentials from ${path}: ${
            dropped.join(", ")
          }`,
      );
      return EXIT.done;
    }
  }
}

function initdbLines(
  { path, databaseCreated, created, present }: {
    path: string;
    databaseCreated: boolean;
    created: readonly string[];
    present: readonly string[];
  },
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

/** Whether the person at the terminal means it. */
async function confirmed(
  { settingsPath }: { settingsPath: string },
): Promise<boolean> {
  if (!Deno.stdin.isTerminal()) {
    const { DecisionError } = await import("./src/errors.ts");
    throw new DecisionError(
      "Dropping tables needs a yes, and there is no terminal to ask at: say --yes if it is meant",
      ["--yes"],
    );
  }
  const { confirm } = await import("@clack/prompts");
  const answer = await confirm({
    message:
      `Drop every table of the models, with all that is in them (settings: ${settingsPath})?`,
    initialValue: false,
  });
  return answer === true;
}

/** Says what went wrong, and the exit code for it. Whoever made a mistake gets no stack trace. */
async function failure(
  error: unknown,
  json: boolean,
  { out, err }: Output,
): Promise<number> {
  const { ConfigError, DbPluginsError, DecisionError, SchemaError } =
    await import("./src/errors.ts");
  if (!(error instanceof DbPluginsError)) {
    err(
      `dbp: ${
        error instanceof Error ? error.stack ?? error.message : String(error)
      }`,
    );
    return EXIT.failed;
  }
  const { constructor, message } = error;
  if (json) {
    out(JSON.stringify({
      error: {
        name: constructor.name,
        message,
        ...(error instanceof ConfigError ? { problems: error.problems } : {}),
        ...(error instanceof SchemaError
          ? { differences: error.differences }
          : {}),
      },
    }));
  } else err(`dbp: ${message}`);
  if (error instanceof DecisionError) return EXIT.undecided;
  return error instanceof SchemaError ? EXIT.different : EXIT.failed;
}

function examples(...lines: readonly string[]): Message {
  return lines.flatMap((line) => [
    ...message`${commandLine(line)}`,
    lineBreak(),
  ]);
}

const terminal: Output = {
  // deno-lint-ignore no-console -- this is where the program prints
  out: (text) => console.log(text),
  // deno-lint-ignore no-console -- and where it complains
  err: (text) => console.error(text),
};

if (import.meta.main) Deno.exit(await main(Deno.args));
