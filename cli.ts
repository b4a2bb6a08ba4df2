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
import { parseArguments } from "./src/cli/parse/parser.ts";
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
import {
  printable,
  printableLines,
  printableText,
} from "./src/base/errors/printable.ts";
import type { Invocation } from "./src/cli/run/context.ts";
import { loadModule } from "./src/base/load_module.ts";

/** The output of {@link main}. */
export interface Output {
  /** Prints a line of results. */
  out(text: string): void;
  /** Prints an error, a warning or a line of progress. */
  err(text: string): void;
}

/**
 * The module that runs commands. Not a literal in `import()`: Deno would load
 * the drivers behind it before the first line runs, 120 ms for a page of help.
 */
const RUN = "./src/cli/run_command.ts";

/**
 * Runs the command line.
 *
 * @param args the arguments after `dbp`
 * @returns the exit code: 0 done or clean, 1 failed, 2 migrations are pending,
 * 3 another process holds the lock, 4 migration files or history are invalid,
 * 5 the database differs from models or history, 6 a migration breaks a rule,
 * 7 a decision is needed, 64 the command line is wrong, 130 interrupted
 */
export async function main(
  args: readonly string[],
  output: Output = terminal,
): Promise<number> {
  try {
    const invocation = parseArguments(args, meta.version, output.out);
    return invocation === undefined ? EXIT.done : await run(invocation, output);
  } catch (error) {
    printError(error, args.includes("--json"), output);
    return exitCode(error);
  }
}

async function run(invocation: Invocation, output: Output): Promise<number> {
  const { runCommand }: typeof import("./src/cli/run_command.ts") =
    await loadModule(() => import(RUN));
  const isScreen = output === terminal && Deno.stderr.isTerminal() &&
    Deno.env.get("TERM") !== "dumb";
  const { data, lines, text, warnings = [], exitCode = EXIT.done } =
    await runCommand(
      invocation,
      isScreen ? undefined : (line) => output.err(line),
    );
  for (const warning of warnings) {
    const [first = "", ...more] = typeof warning === "string"
      ? [warning]
      : warning;
    output.err(printableLines([`dbp: ${first}`, ...more]));
  }
  if (invocation.json) output.out(JSON.stringify(data));
  else if (text !== undefined) {
    // A file or another program gets the exact text.
    const isShown = output === terminal && Deno.stdout.isTerminal();
    output.out(isShown ? printableText(text) : text);
  } else for (const line of lines) output.out(printable(line));
  return exitCode;
}

/** Prints an error, with a stack trace only if it is a bug of this program. */
function printError(error: unknown, json: boolean, { out, err }: Output): void {
  const thrown = error instanceof Error ? error : new Error(String(error));
  const { constructor: { name }, message, stack = message } = thrown;
  const isExpected = error instanceof DbPluginsError || isSystemError(error);
  if (!json || !isExpected) {
    err(printableText(`dbp: ${isExpected ? message : stack}`));
  }
  if (json) {
    out(JSON.stringify({ error: { name, message, ...detailsOf(error) } }));
  }
}

function detailsOf(error: unknown): object {
  if (error instanceof ConfigError) return { problems: error.problems };
  if (error instanceof SchemaError) return { differences: error.differences };
  if (error instanceof DecisionError) return { options: error.options };
  if (error instanceof LockError) return { holder: error.holder };
  return {};
}

/** Whether the operating system refused a call, or a Deno permission is missing. */
function isSystemError(error: unknown): boolean {
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
  // deno-lint-ignore no-console -- the program prints here only
  out: (text) => console.log(text),
  // deno-lint-ignore no-console -- and its errors here only
  err: (text) => console.error(text),
};

if (import.meta.main) Deno.exit(await main(Deno.args));
