import type {
  HistoryRecord,
  MigrationState,
} from "../../engine/migrations/mod.ts";

/** The two files of a migration. */
export interface WrittenFiles {
  /** For example `20260930T141502_add_drb`. */
  readonly id: string;
  /** The path of the up file. */
  readonly up: string;
  /** The path of the down file. */
  readonly down: string;
  /** The text of the up file. */
  readonly upText: string;
  /** The text of the down file. */
  readonly downText: string;
}

/** The result of `makeMigrations`. */
export interface MakeReport {
  /** The files; undefined if there are no changes. */
  readonly files: WrittenFiles | undefined;
  /** Whether the files were written: false for a dry run, and without changes. */
  readonly written: boolean;
  /** The differences between database and models, one line each. */
  readonly changes: readonly string[];
  /** Objects that no model manages and no history lists: reported, never changed. */
  readonly unmanaged: readonly string[];
  /** The migration after which managed objects were changed by other means. The new files may not fit other databases. */
  readonly changedSince?: string | undefined;
  /** With `skipRefused`, the changes that the files leave out, each with a sketch; undefined if there are none. */
  readonly refused?: readonly string[] | undefined;
  /** The new rules that existing rows break, so that the files would fail here; undefined if there are none. */
  readonly violations?: readonly string[] | undefined;
}

/** The result of `baseline`. */
export interface BaselineReport {
  /** The written files; undefined if the folder had files, which were recorded. */
  readonly files: WrittenFiles | undefined;
  /** The migrations that were recorded without running them. */
  readonly recorded: readonly string[];
  /** The migrations that ran because the database was empty. */
  readonly applied: readonly RanMigration[];
}

/** A migration that ran. */
export interface RanMigration {
  /** The id of the migration. */
  readonly id: string;
  /** Number of steps that ran, without those of earlier runs. */
  readonly steps: number;
  /** The duration. */
  readonly milliseconds: number;
}

/** A migration that is not applied, or only partially. */
export interface PendingMigration {
  /** The id of the migration. */
  readonly id: string;
  /** Number of steps. */
  readonly steps: number;
  /** Number of steps that an earlier run completed. */
  readonly stepsDone: number;
  /** The state of an earlier run: `failed`, or `running` (still running or killed). Undefined if there was none. */
  readonly state: MigrationState | undefined;
  /** The error of an earlier run. */
  readonly error: string | undefined;
  /** Whether it is older than an applied migration. */
  readonly outOfOrder: boolean;
  /** What it may lose, as its file declares. */
  readonly destructive: readonly string[];
  /** Whether it could be rolled back: it has a down file that is not irreversible. */
  readonly reversible: boolean;
}

/** The result of `migrate`. */
export interface MigrateReport {
  /** The folder of this engine's files. */
  readonly folder: string;
  /** Number of migrations in the folder. */
  readonly files: number;
  /** The applied migrations, in order. */
  readonly applied: readonly RanMigration[];
  /** The pending migrations: all for a dry run, otherwise those beyond `to` and `steps`. */
  readonly pending: readonly PendingMigration[];
  /** Applied migrations, or pending ones of a dry run, that are older than an earlier applied one. */
  readonly outOfOrder: readonly string[];
  /** The migrations to apply that have no down migration and, for a dry run, the new rules that existing rows break; undefined if there are none. */
  readonly warnings?: readonly Problem[] | undefined;
}

/** The result of `rollback`. */
export interface RollbackReport {
  /** Later files that were never applied, and so are not rolled back; empty with `to`. */
  readonly neverApplied: readonly string[];
  /** The migrations that were rolled back, in order; empty for a dry run. */
  readonly reverted: readonly RanMigration[];
  /** The migrations that a dry run would roll back, in order. */
  readonly pending: readonly {
    /** The id of the migration. */
    readonly id: string;
    /** Number of steps. */
    readonly steps: number;
    /** Whether the down file is missing, and the copy in the history is used. */
    readonly fromHistory: boolean;
    /** What the rollback may lose, as the down file declares. */
    readonly destructive: readonly string[];
  }[];
}

/** The result of `stamp`. */
export interface StampReport {
  /** The folder of this engine's files; undefined if a stamp was removed, which needs no files. */
  readonly folder?: string | undefined;
  /** Number of migrations in the folder. */
  readonly files?: number | undefined;
  /** The migrations that were newly recorded as applied; for a dry run, those that would be. */
  readonly stamped: readonly string[];
  /** Applied migrations whose edited files were accepted. */
  readonly accepted: readonly string[];
  /** Migrations whose stamp was removed. */
  readonly removed: readonly string[];
}

/** A problem of files or history, or a reason why a run cannot start. */
export interface Problem {
  /** The exit code of `dbp`: 0 for a warning, 2 pending, 4 files or history, 5 drift, 6 lint rule. */
  readonly exitCode: number;
  /** `edited`, `missing`, `no-down`, `violation`, `future`, `out-of-order`, `half-reverted`, `half-applied`, `file`, `server`, `pending`, `drift`, `schema`, or the name of the lint rule. */
  readonly kind: string;
  /** The migration, if the problem belongs to one. */
  readonly id?: string | undefined;
  /** The file, if the problem belongs to one. */
  readonly file?: string | undefined;
  /** The line of the file, from 1. */
  readonly line?: number | undefined;
  /** What is wrong, and what to do. */
  readonly problem: string;
}

/** A rollback that has completed no step. */
export interface FailedRollback {
  /** `failed`, or `running` (still running or killed). */
  readonly state: MigrationState;
  /** The start. */
  readonly startedAt: Date;
  /** The error. */
  readonly error: string | undefined;
}

/** An applied migration. */
export interface AppliedMigration {
  /** The id of the migration. */
  readonly id: string;
  /** As in {@link HistoryRecord}. */
  readonly kind: HistoryRecord["kind"];
  /** Whether it was recorded as applied without being run, by `stamp` or a baseline. */
  readonly stamped: boolean;
  /** When it was applied; undefined after a rollback was started, because the record then describes the rollback. */
  readonly appliedAt: Date | undefined;
  /** How long it took; undefined like `appliedAt`. */
  readonly milliseconds: number | undefined;
  /** A later rollback that has completed no step. */
  readonly wayBack: FailedRollback | undefined;
  /** Whether a file differs from the applied one. */
  readonly edited: boolean;
  /** Whether its file is missing. */
  readonly missing: boolean;
}

/** The result of `status`. */
export interface StatusReport {
  /** The folder of this engine's files. */
  readonly folder: string;
  /** The database, without secrets. */
  readonly place: string;
  /** Applied migrations, in the order of application. */
  readonly applied: readonly AppliedMigration[];
  /** Pending migrations, in the order in which they would be applied. */
  readonly pending: readonly PendingMigration[];
  /** Problems of files and history. */
  readonly problems: readonly Problem[];
  /** The migrations without a down migration; undefined if there are none. */
  readonly warnings?: readonly Problem[] | undefined;
  /** The holder of the migration lock, if a run has not ended; undefined if that run was killed. */
  readonly holder?: string | undefined;
  /** 0; 2 if a migration is pending; 4 if there are problems. */
  readonly exitCode: number;
}

/** The result of `drift`. */
export interface DriftReport {
  /** The database, without secrets. */
  readonly place: string;
  /** The migration that was last applied or rolled back. */
  readonly since: string | undefined;
  /** Whether the schema changed after that. Undefined if no fingerprint was stored, or a run is incomplete. */
  readonly changed: boolean | undefined;
  /** The differences between database and models. */
  readonly differences: readonly string[];
  /** The look-up rows that are missing or have other values, if the tables match the models. */
  readonly lookupRows: readonly string[];
  /** Objects that no model manages and no history lists: not changed, and not drift. */
  readonly unmanaged: readonly string[];
  /** Pending migrations, if a folder was given: they explain differences. */
  readonly pending: readonly string[];
  /** 0, or 5 for drift. */
  readonly exitCode: number;
}

/** The result of `check`. */
export interface CheckReport {
  /** The folder of this engine's files. */
  readonly folder: string;
  /** The database, without secrets. */
  readonly place: string;
  /** All problems, worst first. */
  readonly problems: readonly Problem[];
  /** The migrations without a down migration, and what slows reads down; undefined if there is nothing. */
  readonly warnings?: readonly Problem[] | undefined;
  /** Pending migrations. */
  readonly pending: readonly PendingMigration[];
  /** The result of `drift`. */
  readonly drift: DriftReport;
  /** The exit code of the worst problem: 4 before 6, 5 and 2; 0 without problems. */
  readonly exitCode: number;
}
