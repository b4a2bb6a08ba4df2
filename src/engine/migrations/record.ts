import type { Direction } from "./script.ts";

/** What a migration in the history came to. */
export type MigrationState = "running" | "applied" | "failed" | "reverted";

/** One run of a migration, as the history has it. */
export interface MigrationRun {
  /** Applied from its file, or taken as there. */
  readonly kind: "migrate" | "baseline";
  /** What it came to; `running` of one that is not the last was killed. */
  readonly state: MigrationState;
  /** Which way it went. */
  readonly direction: Direction;
  /** Steps of the direction that runs or ran. */
  readonly stepsTotal: number;
  /** How many of those are done. */
  readonly stepsDone: number;
  /** Why it failed; no secret. */
  readonly error: string | undefined;
  /** The database's code of the error: the SQLSTATE on PostgreSQL. */
  readonly code: string | undefined;
  /** When it began; later than that of all that ran before. */
  readonly startedAt: Date;
  /** When it ended; undefined while it runs, or where it was killed. */
  readonly finishedAt: Date | undefined;
  /** How long it took. */
  readonly milliseconds: number | undefined;
  /** The database's user. */
  readonly user: string;
  /** The machine it ran on. */
  readonly host: string;
  /** The version of this package. */
  readonly toolVersion: string;
  /** The version of the database's server. */
  readonly serverVersion: string;
}

/** One migration as the history has it: its last run, and what it left. */
export interface HistoryRecord extends MigrationRun {
  /** `20260930T141502_add_drb`. */
  readonly id: string;
  /** Of the file forwards. */
  readonly upChecksum: string;
  /** Undefined where there was no file back. */
  readonly downChecksum: string | undefined;
  /** The file back, so that a checkout without it can go back. */
  readonly downText: string | undefined;
  /** The hashes of the steps that are done or were to be, in order. */
  readonly stepHashes: readonly string[];
  /** What the schema was when it was done. */
  readonly fingerprint: string | undefined;
  /** What models managed when it was done: `object`, `object.oid`, `object#ix_object_oid`. */
  readonly managed: readonly string[];
  /** The runs before the last, oldest first, and of many the newest. */
  readonly former: readonly MigrationRun[];
  /** The version of the history itself. One that is newer than this package knows is refused. */
  readonly format: number;
}

/** What is said of a migration when it is recorded. Where it began at another time than what is recorded, that is kept as a former run. */
export type NewRecord = Omit<
  HistoryRecord,
  "user" | "host" | "toolVersion" | "serverVersion" | "format" | "former"
>;
