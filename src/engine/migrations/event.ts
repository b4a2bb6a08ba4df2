import type { Direction } from "./script.ts";

/** An event of a run. */
export type MigrationEvent =
  /** Another process holds the migration lock. */
  | {
    readonly kind: "waiting";
    readonly holder: string;
    readonly milliseconds: number;
    /** Milliseconds until the lock expires without a renewal; undefined if it ends with its connection. */
    readonly endsIn?: number | undefined;
  }
  /** The migration lock was acquired. */
  | { readonly kind: "locked" }
  /** A rollback skips later files, because they were never applied. */
  | {
    readonly kind: "passed-over";
    readonly ids: readonly string[];
    /** The migration that is rolled back first. */
    readonly instead: string;
  }
  /** Something that a person should know before the first step. */
  | { readonly kind: "warning"; readonly warning: string }
  /** A migration begins. */
  | {
    readonly kind: "migration";
    readonly id: string;
    readonly direction: Direction;
    readonly steps: number;
  }
  /** A step begins. */
  | {
    readonly kind: "step";
    readonly id: string;
    /** From 1. */
    readonly step: number;
    readonly steps: number;
    /** The {@link Step.title}. */
    readonly statement: string;
  }
  /** A batch of a repeated step is done. */
  | {
    readonly kind: "progress";
    readonly id: string;
    readonly step: number;
    /** Rows changed so far in this run. */
    readonly rows: number;
    readonly milliseconds: number;
  }
  /** Other sessions block a step. */
  | {
    readonly kind: "blocked";
    readonly id: string;
    readonly step: number;
    /** Describes those sessions. */
    readonly by: string;
    readonly milliseconds: number;
  }
  /** The server does not answer. The run continues when it answers again, and fails if it does not within about 25 seconds. */
  | {
    readonly kind: "unanswered";
    /** The database, as in `MigrationTarget.place`. */
    readonly place: string;
    /** Milliseconds since its last answer. */
    readonly milliseconds: number;
  }
  /** A step is retried. */
  | {
    readonly kind: "retry";
    readonly id: string;
    readonly step: number;
    /** The attempt that failed, from 1. */
    readonly attempt: number;
    readonly reason: string;
  }
  /** A migration is done. */
  | {
    readonly kind: "done";
    readonly id: string;
    readonly direction: Direction;
    readonly milliseconds: number;
  };
