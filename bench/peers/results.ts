import type { Server } from "./server.ts";

/** The file results.json: what `task bench peers --save` measured. */
export interface Results {
  /** The day, as 2026-11-30. */
  readonly date: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    /** Gigabytes of memory. */
    readonly memory: number;
    readonly system: string;
    /** Load average of the last minute before the start. */
    readonly load: number;
  };
  /** Rows of `detection` in all works but streams. */
  readonly rows: number;
  /** Rows of a stream. */
  readonly streamRows: number;
  /** The versions of Deno, Python and the servers, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** The package and version of each peer, by name: `drizzle-orm 0.45.4`. */
  readonly peers: Readonly<Record<string, string>>;
  readonly lines: readonly Line[];
  readonly notRun: readonly NotRun[];
}

/** A work with this package and with a peer. */
export interface Line {
  readonly engine: Server["engine"];
  readonly peer: string;
  readonly work: string;
  /** Of `ours` and `theirs`. Less is better for `ms` and `MB`. */
  readonly unit: string;
  /** The median with this package. */
  readonly ours: number;
  /** The median with the peer. */
  readonly theirs: number;
  /** How many times better this package is: the median of pairs. */
  readonly ratio: number;
  /** Number of measured pairs. */
  readonly pairs: number;
  /** Whether the peer changed digits of 64-bit identifiers. */
  readonly losesDigits?: boolean;
}

/** A work that a peer did not do, or all of its works. */
export interface NotRun {
  readonly engine: Server["engine"];
  readonly peer: string;
  readonly work?: string;
  readonly reason: string;
}
