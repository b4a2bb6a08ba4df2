import { fileURLToPath } from "node:url";
import { ROOT } from "./program.ts";

/** What a process that migrates tells. */
export interface Told {
  readonly kind: string;
  readonly step?: number;
  readonly steps?: unknown;
  /** How often it had changed the disk. */
  readonly writes?: number;
  readonly message?: string;
}

/** A process that applies a folder of migrations. */
export interface MigratingChild {
  /** Its number. */
  readonly pid: number;
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

/** What a process is to do. */
export interface ChildOptions {
  readonly settings: object;
  readonly directory: string;
  /** The step before which it waits, from 1. */
  readonly stopAt?: number;
}

/** Starts one on PostgreSQL. */
export function migratingChild(
  options: ChildOptions & {
    /** The change of the disk by PGlite at which it kills itself, from 1. */
    readonly killAtWrite?: number;
  },
): MigratingChild {
  return started("migrate_child.ts", options);
}

/** Starts one on MongoDB. */
export function mongoChild(
  options: ChildOptions & {
    /** The command of a step's at which it kills itself, from 1. */
    readonly killAt?: number;
    readonly lease: { readonly length: number; readonly renewal: number };
  },
): MigratingChild {
  return started("mongo_migrate_child.ts", options);
}

function started(program: string, options: ChildOptions): MigratingChild {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--no-check", `--config=${ROOT}deno.json`],
      // Whoever looks after the folder makes others wait, and says so.
      "--node-modules-dir=manual",
      fileURLToPath(new URL(program, import.meta.url)),
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
    pid: process.pid,
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
