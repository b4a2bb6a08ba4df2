import { ROOT } from "./program.ts";
import type { TestFile } from "./test_files.ts";
import { testGroups } from "./test_groups.ts";
import { type Counts, TestReport } from "./test_report.ts";

/** How to run test files. */
export interface RunOptions {
  /** The folder for the modules of the run. */
  readonly scratch: string;
  /** How many groups run at a time, 2 or more. */
  readonly jobs: number;
  /** Runs the tests whose name contains this text. */
  readonly filter?: string | undefined;
  /** Further options of `deno test`. */
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the run early. */
  readonly signal?: AbortSignal;
  /** Writes a line of the report. */
  readonly print: (line: string) => void;
}

/** Runs test files and prints a line for each, then the failures. Does not check types. */
export async function runTestFiles(
  files: readonly TestFile[],
  { scratch, jobs, filter, options = [], env = {}, signal, print }: RunOptions,
): Promise<Counts> {
  const report = new TestReport(files.map(({ file }) => file), print);
  const child = deno(
    [
      ...["test", "--allow-all", "--no-check", "--parallel"],
      ...["--sanitize-ops", "--sanitize-resources"],
      ...[...options, ...await testGroups(files, scratch)],
    ],
    {
      ...env,
      ...filter === undefined ? {} : { DBP_TEST_FILTER: filter },
      DENO_JOBS: String(jobs),
    },
    signal,
  );
  const errors = new Response(child.stderr).text();
  await eachLine(child.stdout, (line) => report.read(line));
  const { success } = await child.status;
  signal?.throwIfAborted();
  const text = (await errors).replace(/^.*Test failed[^]*$/m, "").trim();
  if (text !== "") print(text);
  const { passed, failed, skipped } = report.end();
  // An error that no test waited for is in no test's count.
  return { passed, failed: success || failed > 0 ? failed : 1, skipped };
}

/**
 * Checks the types of files, folders and their documentation examples.
 *
 * @returns what is wrong, or undefined
 */
export async function typeErrors(
  paths: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const child = deno(["check", "--doc", ...paths], {}, signal);
  const [, text] = await Promise.all([
    child.stdout.cancel(),
    new Response(child.stderr).text(),
  ]);
  const { success } = await child.status;
  return success ? undefined : text.replace(/^.*Check.*\n/gm, "").trim();
}

/**
 * Starts Deno with the settings of the checkout, in a process group of its own.
 * An abort kills the whole group, with the servers that tests started: a test of
 * the command line may listen for SIGTERM, and Deno would continue after it.
 */
function deno(
  [command = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Deno.ChildProcess {
  const child = new Deno.Command(Deno.execPath(), {
    args: [command, `--config=${ROOT}deno.json`, ...args],
    env,
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  const kill = (): void => {
    try {
      Deno.kill(-child.pid, "SIGKILL");
    } catch { /* all have ended */ }
  };
  if (signal?.aborted) kill();
  signal?.addEventListener("abort", kill);
  child.status.finally(() => signal?.removeEventListener("abort", kill));
  return child;
}

async function eachLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  read: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) read(line);
  }
  if (rest !== "") read(rest);
}
