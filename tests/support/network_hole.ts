// Runs of `dbp migrate` while the network swallows packets, on any engine.
import assert from "node:assert/strict";
import { join } from "node:path";
import { pause } from "../../src/base/pause.ts";
import { settingsFile } from "./cli.ts";
import {
  type DbpTimes,
  endsAtOnce,
  type RunningDbp,
  startDbp,
} from "./running_dbp.ts";
import {
  startSwallowingProxy,
  type SwallowingProxy,
} from "./swallowing_proxy.ts";
import { untilEqual } from "./waiting.ts";

/** A run whose connections go through a proxy. Its second step waits for something that the test holds. */
export interface HoleRun extends RunningDbp {
  readonly proxy: SwallowingProxy;
  /** Releases what the second step waits for. */
  release(): Promise<void>;
}

/** An engine with a migration of two steps. */
interface HoleEngine {
  /** The key of its entry in DB_CONFIG. */
  readonly key: "SQL" | "MONGO";
  /** The port of its server. */
  readonly port: number;
  /** The end of the file's name, and its text. */
  readonly file: readonly [end: string, text: string];
  /** The entry of a server on another port. */
  entry(port: number): object;
  release(): Promise<void>;
}

/** Runs `dbp migrate` in a process of its own, with short times. */
export async function migrateThroughHole(
  { key, port, file: [end, text], entry, release }: HoleEngine,
  times: DbpTimes,
  fn: (run: HoleRun) => Promise<void>,
): Promise<void> {
  const proxy = startSwallowingProxy(port);
  await using settings = await settingsFile({
    DB_CONFIG: { [key]: entry(proxy.port) },
  });
  const folder = join(settings.folder, "migrations", key.toLowerCase());
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(folder, `20260101T000000_two.up${end}`), text);
  const child = startDbp(
    [
      ...["migrate", "--db", key, "--yes"],
      ...["--settings_path", settings.path],
    ],
    { pause: 50, grace: 300, ...times },
  );
  try {
    await fn({ ...child, proxy, release });
  } finally {
    child.kill();
    await child.ended;
    proxy.close();
    await release();
  }
}

/**
 * Registers the tests that every engine passes.
 *
 * @param held a text of the second step's statement
 * @param lost the error of a server that does not answer
 */
export function testHoles(
  testRun: (name: string, fn: (run: HoleRun) => Promise<void>) => void,
  server: "PostgreSQL" | "MongoDB",
  held: string,
  lost: RegExp,
): void {
  const name = (text: string): string => `${server.toLowerCase()}: ${text}`;
  testRun(
    name(
      "if the server does not answer, lines report the wait, and the first signal ends the run at once",
    ),
    async ({ proxy, text, until, interrupt }) => {
      await until(/step 2 of 2/);
      await pause(300);
      proxy.swallowAll();
      await until(
        RegExp(
          `^Waiting for an answer from ${server} at 127\\.0\\.0\\.1:\\d+, `,
          "m",
        ),
      );
      await pause(500);
      await endsAtOnce({ interrupt });
      assert.match(text(), lost);
    },
  );
  testRun(
    name(
      "a signal that arrives first ends the run of a server that does not answer",
    ),
    async ({ proxy, text, until, interrupt }) => {
      await until(/step 2 of 2/);
      await pause(300);
      proxy.swallowAll();
      await endsAtOnce({ interrupt });
      assert.match(text(), /has not answered for/);
    },
  );
  testRun(
    name(
      "if only the answer to a step is lost, the signal ends the run at once",
    ),
    async ({ proxy, release, text, until, interrupt }) => {
      proxy.swallowAnswersTo(held);
      await until(/step 2 of 2/);
      await untilEqual("the sent statement", () => proxy.awaits(), false);
      await release();
      await pause(300);
      await endsAtOnce({ interrupt });
      assert.match(text(), /its answer did not arrive/);
    },
  );
}
