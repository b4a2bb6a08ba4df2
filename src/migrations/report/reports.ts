import type {
  HistoryRecord,
  MigrationState,
} from "../../engine/migrations/mod.ts";

/** Two files of one migration. */
export interface WrittenFiles {
  /** `20260930T141502_add_drb`. */
  readonly id: string;
  /** The path of the file forwards. */
  readonly up: string;
  /** The path of the file back. */
  readonly down: string;
  /** What the file forwards holds. */
  readonly upText: string;
  /** What the file back holds. */
  readonly downText: string;
}

/** What `makeMigrations` found and did. */
export interface MakeReport {
  /** The files; undefined where there was nothing to do. */
  readonly files: WrittenFiles | undefined;
  /** Whether they were written: false for a dry run, and where there are none. */
  readonly written: boolean;
  /** What is different between database and models, a line each. */
  readonly changes: readonly string[];
  /** What no model manages and no history lists: told, never touched. */
  readonly unmanaged: readonly string[];
  /** The migration after which what models manage was changed by other means: what is written now may not fit elsewhere. */
  readonly changedSince?: string | undefined;
}

/** What `baseline` did. */
export interface BaselineReport {
  /** The files that it wrote; undefined where the folder had files, which were recorded. */
  readonly files: WrittenFiles | undefined;
  /** What was recorded as there, without running it. */
  readonly recorded: readonly string[];
  /** What was run, because the database held nothing. */
  readonly applied: readonly RanMigration[];
}

/** A migration that was run. */
export interface RanMigration {
  /** Its id. */
  readonly id: string;
  /** How many steps ran; those of an earlier run not counted. */
  readonly steps: number;
  /** How long it took. */
  readonly milliseconds: number;
}

/** A migration that is not applied, or not wholly. */
export interface PendingMigration {
  /** Its id. */
  readonly id: string;
  /** How many steps it has. */
  readonly steps: number;
  /** How many of them an earlier run did. */
  readonly stepsDone: number;
  /** What an earlier run came to: `failed`, or `running`, which goes on now or was killed. Undefined where there was none. */
  readonly state: MigrationState | undefined;
  /** Why the earlier run failed. */
  readonly error: string | undefined;
  /** Whether it is older than one that is applied. */
  readonly outOfOrder: boolean;
  /** What it may lose, as the file says. */
  readonly destructive: readonly string[];
  /** Whether `rollback` could take it back: there is a file back, which does not say that there is no way. */
  readonly reversible: boolean;
}

/** What `migrate` did. */
export interface MigrateReport {
  /** The folder of this engine's files. */
  readonly folder: string;
  /** How many migrations have files there. */
  readonly files: number;
  /** What was applied, in order. */
  readonly applied: readonly RanMigration[];
  /** What is left: all of it for a dry run, else what `to` and `steps` left out. */
  readonly pending: readonly PendingMigration[];
  /** Those of the applied, or of a dry run's pending, that are older than one applied before. */
  readonly outOfOrder: readonly string[];
}

/** What `rollback` did. */
export interface RollbackReport {
  /** Later files that were never applied, and so are not what is taken back; none where `to` said how far. */
  readonly neverApplied: readonly string[];
  /** What was taken back, in order; nothing for a dry run. */
  readonly reverted: readonly RanMigration[];
  /** What a dry run would take back, in order. */
  readonly pending: readonly {
    /** Its id. */
    readonly id: string;
    /** How many steps that takes. */
    readonly steps: number;
    /** Whether the file back is gone, and the history's copy is used. */
    readonly fromHistory: boolean;
    /** What that may lose, as the file back says. */
    readonly destructive: readonly string[];
  }[];
}

/** What `stamp` did. */
export interface StampReport {
  /** The folder of this engine's files; undefined where a stamp is taken away, which asks for none. */
  readonly folder?: string | undefined;
  /** How many migrations have files there. */
  readonly files?: number | undefined;
  /** What is newly recorded as applied, or would be in a dry run. */
  readonly stamped: readonly string[];
  /** What was applied and changed afterwards, and is now recorded as the files say. */
  readonly accepted: readonly string[];
  /** What was stamped and is so no longer. */
  readonly removed: readonly string[];
}

/** What is wrong with files or history, or keeps a run from going on. */
export interface Problem {
  /** What `dbp` ends with for it: 2 pending, 4 files or history, 5 drift, 6 a rule. */
  readonly exitCode: number;
  /** `edited`, `missing`, `out-of-order`, `half-reverted`, `half-applied`, `file`, `server`, `pending`, `drift`, or the rule of the lint. */
  readonly kind: string;
  /** The migration, where it is one's. */
  readonly id?: string | undefined;
  /** The file, where it is one's. */
  readonly file?: string | undefined;
  /** The line of the file, from 1. */
  readonly line?: number | undefined;
  /** What is wrong and what to do, in words that name it. */
  readonly problem: string;
}

/** A way back that ended before its first step, or is at it now. */
export interface FailedWayBack {
  /** `failed`, or `running`, which goes on now or was killed. */
  readonly state: MigrationState;
  /** When it began. */
  readonly startedAt: Date;
  /** Why it failed. */
  readonly error: string | undefined;
}

/** A migration that is applied. */
export interface AppliedMigration {
  /** Its id. */
  readonly id: string;
  /** As in {@link HistoryRecord}. */
  readonly kind: HistoryRecord["kind"];
  /** Whether it was recorded as applied without being run, by `stamp` or a baseline. */
  readonly stamped: boolean;
  /** When; undefined where a way back was begun since, of which the history tells instead. */
  readonly appliedAt: Date | undefined;
  /** How long it took; undefined like `appliedAt`. */
  readonly milliseconds: number | undefined;
  /** What a try to take it back came to that did nothing. */
  readonly wayBack: FailedWayBack | undefined;
  /** Whether its file differs from what was applied. */
  readonly edited: boolean;
  /** Whether its file is not there. */
  readonly missing: boolean;
}

/** What `status` tells. */
export interface StatusReport {
  /** The folder of this engine's files. */
  readonly folder: string;
  /** The database, without secrets. */
  readonly place: string;
  /** In the order of application. */
  readonly applied: readonly AppliedMigration[];
  /** In the order in which they would be applied. */
  readonly pending: readonly PendingMigration[];
  /** Wrong files and histories. */
  readonly problems: readonly Problem[];
  /** Who has the lock, where a run has not ended; undefined where nobody does, for it was killed. */
  readonly holder?: string | undefined;
  /** 0, 2 where something is pending, 4 where something is wrong. */
  readonly exitCode: number;
}

/** What `drift` found. */
export interface DriftReport {
  /** The database, without secrets. */
  readonly place: string;
  /** The migration that was last applied or taken back. */
  readonly since: string | undefined;
  /** Whether the schema changed after that. Undefined where no run left a fingerprint, or one stopped half-way. */
  readonly changed: boolean | undefined;
  /** What is different between database and models, in words. */
  readonly differences: readonly string[];
  /** What is there besides, which no model has and no history lists: left alone, and no drift. */
  readonly unmanaged: readonly string[];
  /** What is pending, where a folder was given: it explains differences. */
  readonly pending: readonly string[];
  /** 0, or 5 for drift. */
  readonly exitCode: number;
}

/** What `check` found. */
export interface CheckReport {
  /** The folder of this engine's files. */
  readonly folder: string;
  /** The database, without secrets. */
  readonly place: string;
  /** All that is wrong, worst first. */
  readonly problems: readonly Problem[];
  /** What is pending. */
  readonly pending: readonly PendingMigration[];
  /** As `drift` has it. */
  readonly drift: DriftReport;
  /** That of the worst: 4 before 6, 5 and 2; 0 where nothing is wrong. */
  readonly exitCode: number;
}
