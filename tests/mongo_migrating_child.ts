import { fileURLToPath } from "node:url";
import { ROOT } from "./program.ts";

/** What a process that migrates tells. */
export interface Told {
  readonly kind: string;
  readonly step?: number;
  readonly steps?: unknown;
  readonly message?: string;
}

/** A process that applies a folder of migrations. */
export interface MongoChild {
  /** Its number. */
  readonly pid: number;
  /** What it told. */
  readonly told: readonly Told[];
  /** Until it tells something, or ends. */
  until(wanted: (told: Told) => boolean): Promise<void>;
  /** Lets it go on where it waits. */
  goOn(): Promise<void>;
  kill(): void;
  /** When it is over, with what it said on its error stream. */
  readonly ended: Promise<string>;
}

/** Starts one. */
export function mongoChild(
  options: {
    readonly settings: object;
    readonly directory: string;
    /** The step before which it waits, from 1. */
    readonly stopAt?: number;
    /** The command of a step's at which it kills itself, from 1. */
    readonly killAt?: number;
    readonly lease: { readonly length: number; readonly renewal: number };
  },
): MongoChild {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--no-check", `--config=${ROOT}deno.json`],
      // Whoever looks after the folder makes others wait, and says so.
      "--node-modules-dir=manual",
      fileURLToPath(new URL("mongo_migrate_child.ts", import.meta.url)),
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
  const err = new Response(process.stderr).text();
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
  return {
    pid: process.pid,
    told,
    async until(wanted) {
      while (!told.some(wanted)) {
        if (over) throw new Error(`The process has ended: ${await err}`);
        await new Promise<void>((resolve) => listeners.push(resolve));
      }
    },
    async goOn() {
      const writer = process.stdin.getWriter();
      await writer.write(new Uint8Array(1));
      writer.releaseLock();
    },
    kill: () => process.kill("SIGKILL"),
    ended: (async () => {
      await reading;
      await process.status;
      await process.stdin.close().catch(() => {});
      return await err;
    })(),
  };
}
