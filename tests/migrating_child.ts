import { fileURLToPath } from "node:url";
import { ROOT } from "./program.ts";

/** What a process that migrates tells. */
export interface Told {
  readonly kind: string;
  readonly step?: number;
  readonly steps?: unknown;
}

/** A process that applies a file. */
export interface MigratingChild {
  /** What it told. */
  readonly told: readonly Told[];
  /** Until it tells something, or ends. */
  until(wanted: (told: Told) => boolean): Promise<void>;
  /** Lets it go on where it waits. */
  goOn(): Promise<void>;
  /** Ends it at once, if it has not ended. */
  kill(): void;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number; readonly err: string }>;
}

/** Starts one; `stopAt` is a step before which it waits, from 1. */
export function migratingChild(
  options: {
    readonly settings: object;
    readonly directory: string;
    readonly stopAt?: number;
  },
): MigratingChild {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--no-check", `--config=${ROOT}deno.json`],
      fileURLToPath(new URL("migrate_child.ts", import.meta.url)),
    ],
    env: { NO_COLOR: "1", DBP_TEST_CHILD: JSON.stringify(options) },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const told: Told[] = [];
  let listeners: (() => void)[] = [];
  let over = false;
  const tell = (): void => {
    for (const listener of listeners) listener();
    listeners = [];
  };
  const reading = (async () => {
    let rest = "";
    for await (
      const text of process.stdout.pipeThrough(new TextDecoderStream())
    ) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      told.push(...lines.map((line): Told => JSON.parse(line)));
      tell();
    }
    over = true;
    tell();
  })();
  const err = new Response(process.stderr).text();
  return {
    told,
    async until(wanted) {
      while (!told.some(wanted)) {
        if (over) {
          throw new Error(`The process has ended: ${await err}`);
        }
        await new Promise<void>((resolve) => listeners.push(resolve));
      }
    },
    async goOn() {
      const writer = process.stdin.getWriter();
      await writer.write(new Uint8Array(1));
      writer.releaseLock();
    },
    kill() {
      try {
        process.kill("SIGKILL");
      } catch { /* it has ended already */ }
    },
    ended: (async () => {
      await reading;
      const { code } = await process.status;
      await process.stdin.close().catch(() => {});
      return { code, err: await err };
    })(),
  };
}
