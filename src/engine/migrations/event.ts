import type { Direction } from "./script.ts";

/** What a run tells while it works. */
export type MigrationEvent =
  /** Waiting for another process that migrates. */
  | {
    readonly kind: "waiting";
    readonly holder: string;
    readonly milliseconds: number;
    /** Milliseconds until what the other has ends by itself, unless it is renewed; undefined where it ends with its connection. */
    readonly endsIn?: number | undefined;
  }
  | { readonly kind: "locked" }
  /** Files that were never applied are later than what is taken back now. */
  | {
    readonly kind: "passed-over";
    readonly ids: readonly string[];
    readonly instead: string;
  }
  | {
    readonly kind: "migration";
    readonly id: string;
    readonly direction: Direction;
    readonly steps: number;
  }
  | {
    readonly kind: "step";
    readonly id: string;
    readonly step: number;
    readonly steps: number;
    /** Its beginning, as {@link Step.title}. */
    readonly statement: string;
  }
  /** A part of a repeated step is done. */
  | {
    readonly kind: "progress";
    readonly id: string;
    readonly step: number;
    /** Rows changed so far, in this run. */
    readonly rows: number;
    readonly milliseconds: number;
  }
  /** A step waits for a lock of others. */
  | {
    readonly kind: "blocked";
    readonly id: string;
    readonly step: number;
    readonly by: string;
    readonly milliseconds: number;
  }
  /** A step is tried again. */
  | {
    readonly kind: "retry";
    readonly id: string;
    readonly step: number;
    readonly attempt: number;
    readonly reason: string;
  }
  | {
    readonly kind: "done";
    readonly id: string;
    readonly direction: Direction;
    readonly milliseconds: number;
  };
