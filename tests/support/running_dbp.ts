import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { WATCH } from "../../src/migrations/history/watch_work.ts";
import type { WatchTimes } from "../../src/sql/driver/watch_times.ts";
import { withMigrations } from "./cli.ts";
import { ROOT } from "./program.ts";

/** Times of a run that waits for a server, in milliseconds. */
export type DbpTimes = Partial<WatchTimes & typeof WATCH>;

/** A run of `dbp` in a process of its own. */
export interface RunningDbp {
  /** The lines of progress and errors so far. */
  text(): string;
  /** Waits for a line. */
  until(wanted: RegExp): Promise<void>;
  /** Sends a signal to the run. Returns its exit code and the time to its end in milliseconds. */
  interrupt(): Promise<{ readonly code: number; readonly time: number }>;
  /** Kills the run if it has not ended. */
  kill(): void;
  /** The exit code. */
  readonly ended: Promise<number>;
}

/** Starts `dbp` with some times. */
export function startDbp(
  args: readonly string[],
  times: DbpTimes,
): RunningDbp {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--no-check", `--config=${ROOT}deno.json`],
      "--node-modules-dir=manual",
      fileURLToPath(new URL("dbp_child.ts", import.meta.url)),
      ...withMigrations(args),
    ],
    env: { NO_COLOR: "1", DBP_TEST_TIMES: JSON.stringify(times) },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let text = "";
  let notify = (): void => {};
  const ended = (async () => {
    const decoder = new TextDecoderStream();
    for await (const part of process.stderr.pipeThrough(decoder)) {
      text += part;
      notify();
    }
    const { code } = await process.status;
    notify();
    return code;
  })();
  return {
    ended,
    text: () => text,
    async until(wanted) {
      const failed = ended.then((code) => {
        if (wanted.test(text)) return;
        throw new Error(`dbp ended with ${code}: ${text}`);
      });
      failed.catch(() => {});
      while (!wanted.test(text)) {
        const read = new Promise<void>((resolve) => notify = resolve);
        await Promise.race([read, failed]);
      }
    },
    async interrupt() {
      const began = performance.now();
      process.kill("SIGINT");
      const code = await ended;
      return { code, time: performance.now() - began };
    },
    kill() {
      try {
        process.kill("SIGKILL");
      } catch { /* it has ended */ }
    },
  };
}

/** Interrupts a run, and checks that this one signal ends it at once. */
export async function endsAtOnce(
  { interrupt }: Pick<RunningDbp, "interrupt">,
): Promise<void> {
  const { code, time } = await interrupt();
  assert.equal(code, 130);
  // Without an end at once, it would wait for ever.
  assert.ok(time < 60_000, `ended after ${time} ms`);
}
