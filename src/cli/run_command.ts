import { type RepeatedOptions, withCommandHints } from "../base/hints.ts";
import { DIRECTORY } from "../migrations/report/options.ts";
import type { Context, Invocation } from "./run/context.ts";
import { findTarget } from "./run/target.ts";
import { ask, choose, isAtTerminal } from "./terminal/ask.ts";
import { linesTo, updatingLine } from "./terminal/progress.ts";
import type { Report } from "./terminal/report.ts";
import { loadModule } from "../base/load_module.ts";

interface CommandFile {
  run(options: object, context: Context): Promise<Report>;
}

const USUAL_COLUMNS = 80;

/** The path of the settings if the user gives none. */
const DEFAULT_PATH = ".";

/**
 * Runs a command. Prints no results.
 *
 * @param print prints a line of progress; by default progress updates one line
 * of this program's terminal
 * @throws {DecisionError} if the user says no, or cannot be asked
 */
export async function runCommand(
  invocation: Invocation,
  print?: (line: string) => void,
): Promise<Report> {
  return await withCommandHints(
    repeatedOptions(invocation),
    () => runWithHints(invocation, print),
  );
}

/** Returns the options that hints repeat: those that the user gave and other commands take, too. */
function repeatedOptions(
  { settings: { settingsPath, db, models }, options }: Invocation,
): RepeatedOptions {
  const directory: unknown = Reflect.get(options, "directory");
  return {
    ...settingsPath === DEFAULT_PATH ? {} : { "--settings_path": settingsPath },
    ...models === undefined ? {} : { "--models": models },
    ...db === undefined ? {} : { "--db": db },
    ...typeof directory !== "string" || directory === DIRECTORY
      ? {}
      : { "--migrations": directory },
  };
}

async function runWithHints(
  { name, settings, json, options }: Invocation,
  print: ((line: string) => void) | undefined,
): Promise<Report> {
  const target = await findTarget(settings, name);
  const { run }: CommandFile = await loadModule(() =>
    import(`./run/${name}.ts`)
  );
  const progress = print === undefined
    ? updatingLine(write, columns)
    : linesTo(print);
  try {
    const { data, ...report } = await run(options, {
      ...target,
      json,
      confirm: ask,
      decide: isAtTerminal() ? choose : undefined,
      onProgress: progress.report,
    });
    return { data: { path: target.path, ...data }, ...report };
  } finally {
    progress.end();
  }
}

/** Ignores a closed terminal: a migration must not stop because of it. */
function write(text: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } catch { /* Nobody reads it. */ }
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || USUAL_COLUMNS;
  } catch {
    return USUAL_COLUMNS;
  }
}
