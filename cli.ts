/**
 * `dbp`, the command line.
 *
 * @example
 * ```ts
 * import { main } from "@alerce/db-plugins/cli";
 * import assert from "node:assert/strict";
 *
 * const printed: string[] = [];
 * const code = await main(["--version"], {
 *   out: (text) => printed.push(text),
 *   err: () => {},
 * });
 * assert.equal(code, 0);
 * assert.match(printed.join(), /\d+\.\d+\.\d+/);
 * ```
 *
 * @module
 */
import meta from "./deno.json" with { type: "json" };
import { type Command, parseArguments } from "./src/commands/parser.ts";
import {
  ConfigError,
  DbPluginsError,
  DecisionError,
  SchemaError,
} from "./src/errors.ts";

/** Where {@link main} writes. */
export interface Output {
  /** A line of results. */
  out(text: string): void;
  /** A line for the person at the terminal. */
  err(text: string): void;
}

/** Exit codes, as far as these commands use them. */
const EXIT = { done: 0, failed: 1, different: 5, undecided: 7 } as const;

/**
 * The commands themselves, with drivers, zod and Kysely behind them. The
 * specifier is no literal, because Deno reads whatever a literal leads to
 * before it runs the first line: 120 ms for a page of help.
 */
const COMMANDS = "./src/commands/run.ts";

/**
 * Runs the command line.
 *
 * @param args what stands behind `dbp`
 * @returns the exit code: 0 done, 1 failed, 5 the database differs from the
 * models, 7 a decision is needed, 64 the command line is wrong
 */
export async function main(
  args: readonly string[],
  { out, err }: Output = terminal,
): Promise<number> {
  const command = parseArguments(args, meta.version, out, err);
  if (typeof command === "number") return command;
  try {
    return await carryOut(command, { out, err });
  } catch (error) {
    return failure(error, command.json, { out, err });
  }
}

async function carryOut(
  command: Command,
  { out, err }: Output,
): Promise<number> {
  const { ask, run }: typeof import("./src/commands/run.ts") = await import(
    COMMANDS
  );
  const report = await run(command, ask);
  if (report === undefined) {
    err("Nothing was done");
    return EXIT.undecided;
  }
  if (command.json) out(JSON.stringify(report.data));
  else for (const line of report.lines) out(line);
  return EXIT.done;
}

/** Says what went wrong, and the exit code for it. Whoever made a mistake gets no stack trace. */
function failure(error: unknown, json: boolean, { out, err }: Output): number {
  if (!(error instanceof DbPluginsError)) {
    err(
      `dbp: ${
        error instanceof Error ? error.stack ?? error.message : String(error)
      }`,
    );
    return EXIT.failed;
  }
  const { constructor: { name }, message } = error;
  if (json) {
    const problems = error instanceof ConfigError
      ? { problems: error.problems }
      : {};
    const differences = error instanceof SchemaError
      ? { differences: error.differences }
      : {};
    out(
      JSON.stringify({ error: { name, message, ...problems, ...differences } }),
    );
  } else err(`dbp: ${message}`);
  if (error instanceof DecisionError) return EXIT.undecided;
  return error instanceof SchemaError ? EXIT.different : EXIT.failed;
}

const terminal: Output = {
  // deno-lint-ignore no-console -- this is where the program prints
  out: (text) => console.log(text),
  // deno-lint-ignore no-console -- and where it complains
  err: (text) => console.error(text),
};

if (import.meta.main) Deno.exit(await main(Deno.args));
