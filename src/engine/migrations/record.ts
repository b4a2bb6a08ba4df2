import type { Direction } from "./script.ts";

/** The result of a run so far. */
export type MigrationState = "running" | "applied" | "failed" | "reverted";

/** One run of a migration in the history. */
export interface MigrationRun {
  /** Whether the migration was run from its file, or recorded or run as a baseline. */
  readonly kind: "migrate" | "baseline";
  /** The result. If a run is `running` and not the last one, it was killed. */
  readonly state: MigrationState;
  /** Whether the run applied the migration or rolled it back. */
  readonly direction: Direction;
  /** Number of steps of this direction. */
  readonly stepsTotal: number;
  /** Number of completed steps. */
  readonly stepsDone: number;
  /** The error of a failed run, without secrets. */
  readonly error: string | undefined;
  /** The database's code of the error: the SQLSTATE on PostgreSQL. */
  readonly code: string | undefined;
  /** The start; later than the start of every earlier run. */
  readonly startedAt: Date;
  /** The end; undefined if the run is still running or was killed. */
  readonly finishedAt: Date | undefined;
  /** The duration. */
  readonly milliseconds: number | undefined;
  /** The database user. */
  readonly user: string;
  /** The machine. */
  readonly host: string;
  /** The version of this package. */
  readonly toolVersion: string;
  /** The version of the database server. */
  readonly serverVersion: string;
}

/** The record of a migration in the history: its last run, and the result. */
export interface HistoryRecord extends MigrationRun {
  /** For example `20260930T141502_add_drb`. */
  readonly id: string;
  /** Checksum of the up file. */
  readonly upChecksum: string;
  /** Checksum of the down file; undefined if there was none. */
  readonly downChecksum: string | undefined;
  /** The down file, so that a checkout without it can roll back. */
  readonly downText: string | undefined;
  /** Hashes of all steps, in order. */
  readonly stepHashes: readonly string[];
  /** Fingerprint of the schema after the run. */
  readonly fingerprint: string | undefined;
  /** Names of everything that models managed after the run: `object`, `object.oid`, `object#ix_object_oid`. */
  readonly managed: readonly string[];
  /** Earlier runs, oldest first; only the most recent ones of many. */
  readonly former: readonly MigrationRun[];
  /** Whether the next step was started, and nothing shows whether it took effect. Only on engines whose steps are not transactions. */
  readonly started?: true | undefined;
  /** Format version of the history. This package refuses newer formats. */
  readonly format: number;
}

/** A record to write. If it starts at another time than the stored record, the stored run becomes a former run. */
export type NewRecord = Omit<
  HistoryRecord,
  | "user"
  | "host"
  | "toolVersion"
  | "serverVersion"
  | "format"
  | "former"
  | "started"
>;
