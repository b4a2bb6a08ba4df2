import { fileURLToPath } from "node:url";
import { ROOT } from "./program.ts";

/** An event that a migrating process prints. */
interface ChildEvent {
  readonly kind: string;
  readonly step?: number;
  readonly steps?: unknown;
  /** Number of disk writes so far. */
  readonly writes?: number;
  readonly message?: string;
}

/** A process that applies a folder of migrations. */
export interface MigratingChild {
  readonly pid: number;
  /** The events so far. */
  readonly events: readonly ChildEvent[];
  /** Waits for an event, or fails when the process ends. */
  until(wanted: (event: ChildEvent) => boolean): Promise<void>;
  /** Lets a waiting process continue. */
  goOn(): Promise<void>;
  /** Kills the process if it has not ended. */
  kill(): void;
  /** The result of the process. */
  readonly ended: Promise<{ readonly code: number; readonly err: string }>;
}

/** What a process does. */
export interface ChildOptions {
  readonly settings: object;
  readonly directory: string;
  /** The step before which it waits, from 1. */
  readonly stopAt?: number;
  /** Further variables of the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a process that migrates PostgreSQL or PGlite. */
export function migratingChild(
  options: ChildOptions & {
    /** The disk write of PGlite at which it kills itself, from 1. */
    readonly killAtWrite?: number;
  },
): MigratingChild {
  return started("migrate_child.ts", options);
}

/** Starts a process that migrates MongoDB. */
export function mongoChild(
  options: ChildOptions & {
    /** The command of a step at which it kills itself, from 1. */
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
      // Another process may be busy with the folder, and Deno would print that it waits.
      "--node-modules-dir=manual",
      fileURLToPath(new URL(program, import.meta.url)),
    ],
    env: {
      NO_COLOR: "1",
      DBP_TEST_CHILD: JSON.stringify(options),
      ...options.env,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const events: ChildEvent[] = [];
  let listeners: (() => void)[] = [];
  let hasEnded = false;
  const notify = (): void => {
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
      events.push(...lines.map((line): ChildEvent => JSON.parse(line)));
      notify();
    }
    hasEnded = true;
    notify();
  })();
  const err = new Response(process.stderr).text();
  return {
    pid: process.pid,
    events,
    async until(wanted) {
      while (!events.some(wanted)) {
        if (hasEnded) {
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
