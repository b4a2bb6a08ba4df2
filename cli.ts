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
import { InterruptedError } from "./src/cli/terminal/interrupted_error.ts";
import { type Command, parseArguments } from "./src/cli/parse/parser.ts";
import { UsageError } from "./src/cli/parse/usage_error.ts";
import {
  ConfigError,
  DbPluginsError,
  DecisionError,
  LockError,
  MigrationError,
  SchemaError,
} from "./src/base/errors/mod.ts";
import { EXIT } from "./src/base/errors/exit_codes.ts";

/** Where {@link main} writes. */
export interface Output {
  /** A line of results. */
  out(text: string): void;
  /** A line for the person at the terminal. */
  err(text: string): void;
}

/**
 * The commands themselves, with drivers, zod and Kysely behind them. The
 * specifier is no literal, because Deno reads whatever a literal leads to
 * before it runs the first line: 120 ms for a page of help.
 */
const COMMANDS = "./src/cli/run/run.ts";

/**
 * Runs the command line.
 *
 * @param args what stands behind `dbp`
 * @returns the exit code: 0 done or clean, 1 failed, 2 something is pending, 3
 * another process changes the schema, 4 migration files or history are invalid,
 * 5 the database differs from models or history, 6 a migration breaks a rule, 7
 * a decision is needed, 64 the command line is wrong, 130 interrupted
 */
export async function main(
  args: readonly string[],
  output: Output = terminal,
): Promise<number> {
  try {
    const command = parseArguments(args, meta.version, output.out);
    return command === undefined ? EXIT.done : await carryOut(command, output);
  } catch (error) {
    tell(error, args.includes("--json"), output);
    return exitCode(error);
  }
}

async function carryOut(command: Command, output: Output): Promise<number> {
  const { run }: typeof import("./src/cli/run/run.ts") = await import(
    COMMANDS
  );
  const isScreen = output === terminal && Deno.stderr.isTerminal() &&
    Deno.env.get("TERM") !== "dumb";
  const { data, lines, warnings = [], exitCode = EXIT.done } = await run(
    command,
    isScreen ? undefined : output.err,
  );
  for (const warning of warnings) output.err(`dbp: ${warning}`);
  if (command.json) output.out(JSON.stringify(data));
  else for (const line of lines) output.out(line);
  return exitCode;
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
  if (error instanceof LockError) return { holder: error.holder };
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
  if (error instanceof InterruptedError) return EXIT.interrupted;
  if (error instanceof LockError) return EXIT.locked;
  if (error instanceof MigrationError) return error.exitCode;
  return error instanceof SchemaError ? EXIT.drift : EXIT.failed;
}

const terminal: Output = {
  // deno-lint-ignore no-console -- this is where the program prints
  out: (text) => console.log(text),
  // deno-lint-ignore no-console -- and where it complains
  err: (text) => console.error(text),
};

if (import.meta.main) Deno.exit(await main(Deno.args));
