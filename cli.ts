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
import { UsageError } from "./src/commands/usage_error.ts";
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
const EXIT = {
  done: 0,
  failed: 1,
  different: 5,
  undecided: 7,
  usage: 64,
} as const;

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
  output: Output = terminal,
): Promise<number> {
  try {
    const command = parseArguments(args, meta.version, output.out);
    if (command !== undefined) await carryOut(command, output);
    return EXIT.done;
  } catch (error) {
    tell(error, args.includes("--json"), output);
    return exitCode(error);
  }
}

async function carryOut(command: Command, { out }: Output): Promise<void> {
  const { run }: typeof import("./src/commands/run.ts") = await import(
    COMMANDS
  );
  const { data, lines } = await run(command);
  if (command.json) out(JSON.stringify(data));
  else for (const line of lines) out(line);
}

/** Says what went wrong. Only a fault of this program comes with a stack trace. */
function tell(error: unknown, json: boolean, { out, err }: Output): void {
  const fault = error instanceof Error ? error : new Error(String(error));
  const { constructor: { name }, message, stack = message } = fault;
  const expected = error instanceof DbPluginsError || isRefusal(error);
  if (!json || !expected) err(`dbp: ${expected ? message : stack}`);
  if (json) {
    out(JSON.stringify({ error: { name, message, ...partsOf(error) } }));
  }
}

function partsOf(error: unknown): object {
  if (error instanceof ConfigError) return { problems: error.problems };
  if (error instanceof SchemaError) return { differences: error.differences };
  if (error instanceof DecisionError) return { options: error.options };
  return {};
}

/** Whether the operating system refused something, or Deno for want of a permission. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error &&
    (/, run again with the --allow-\S+ flag$/.test(error.message) ||
      "code" in error && /^E[A-Z]+$/.test(String(error.code)));
}

function exitCode(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
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
