import type {
  Decision,
  Direction,
  HistoryRecord,
  MigrationEvent,
  MigrationState,
  MigrationTarget,
} from "../migration.ts";

/** What has migrations: a connection of any engine that can make them. */
export interface Migratable {
  /** What the engine does for migrations. */
  migrations(): MigrationTarget;
}

/** Where the files are. */
export interface FolderOptions {
  /** The migrations folder, which holds a folder for each engine; `./migrations`. */
  readonly directory?: string | undefined;
}

/** How to become the only one who changes the schema, and whom to tell. */
export interface RunOptions extends FolderOptions {
  /** Whether only to tell what would be done; false. */
  readonly dryRun?: boolean | undefined;
  /** Milliseconds to wait for another process that migrates; 60000. */
  readonly lockWait?: number | undefined;
  /** Stops between two steps: what is done stays done, and the next run goes on. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each migration and step, of waiting and of trying again. */
  readonly onProgress?: ((event: MigrationEvent) => void) | undefined;
}

/** Options of `makeMigrations`. */
export interface MakeOptions extends FolderOptions {
  /** A name in place of the one that the changes suggest. */
  readonly name?: string | undefined;
  /** Whether to write files without statements, for changes by hand; false. */
  readonly empty?: boolean | undefined;
  /** Whether to fail where there is something to write, and to write nothing; false. */
  readonly check?: boolean | undefined;
  /** Whether to write nothing; false. */
  readonly dryRun?: boolean | undefined;
  /** From old names to new ones: `{ "object.rb": "object.score" }`, `{ star: "object" }`. */
  readonly renames?: Readonly<Record<string, string>> | undefined;
  /** What may be dropped and is no rename: `table` or `table.column`. */
  readonly drops?: readonly string[] | undefined;
  /** What rows that are there get in a new column that may not be empty: `table.column` to a value. */
  readonly defaults?: Readonly<Record<string, string>> | undefined;
  /** Asks a person. Answers with one of the options, in which a placeholder is replaced by a value; undefined is no answer. */
  readonly decide?:
    | ((decision: Decision) => Promise<string | undefined>)
    | undefined;
  /** The time that the files' name begins with; now. */
  readonly now?: Date | undefined;
}

/** Options of `baseline`. */
export interface BaselineOptions extends FolderOptions {
  /** A name in place of `baseline`. */
  readonly name?: string | undefined;
  /** Milliseconds to wait for another process that migrates; 60000. */
  readonly lockWait?: number | undefined;
  /** As in {@link RunOptions}. */
  readonly signal?: AbortSignal | undefined;
  /** As in {@link RunOptions}. */
  readonly onProgress?: ((event: MigrationEvent) => void) | undefined;
  /** The time that the files' name begins with; now. */
  readonly now?: Date | undefined;
}

/** Options of `migrate`. */
export interface MigrateOptions extends RunOptions {
  /** The last migration to apply: its id, or the beginning of it. */
  readonly to?: string | undefined;
  /** How many to apply at most. */
  readonly steps?: number | undefined;
  /** Whether files that are older than an applied one may still be applied; false. */
  readonly outOfOrder?: boolean | undefined;
}

/** Options of `rollback`. */
export interface RollbackOptions extends RunOptions {
  /** The migration that stays the last: its id, or the beginning of it. */
  readonly to?: string | undefined;
  /** How many to take back; 1 where there is no `to`. `Infinity` is all. */
  readonly steps?: number | undefined;
  /** Whether a baseline too may be taken back, which drops what was there before migrations were; false. */
  readonly baseline?: boolean | undefined;
  /** What a dry run told that it would take back, by id and in order: where that is no longer so, nothing is done. */
  readonly expect?: readonly string[] | undefined;
}

/** Options of `stamp`. */
export interface StampOptions extends RunOptions {
  /** The last migration to record: its id, or the beginning of it. */
  readonly to?: string | undefined;
}

/** Options of `printSql`. */
export interface PrintOptions extends FolderOptions {
  /** As in `migrate` or `rollback`. */
  readonly to?: string | undefined;
  /** As in `migrate` or `rollback`. */
  readonly steps?: number | undefined;
  /** Which way; `up`. */
  readonly direction?: Direction | undefined;
}

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
}

/** What `migrate` did. */
export interface MigrateReport {
  /** What was applied, in order. */
  readonly applied: readonly RanMigration[];
  /** What is left: all of it for a dry run, else what `to` and `steps` left out. */
  readonly pending: readonly PendingMigration[];
  /** Those of the applied, or of a dry run's pending, that are older than one applied before. */
  readonly outOfOrder: readonly string[];
}

/** What `rollback` did. */
export interface RollbackReport {
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
  /** What is newly recorded as applied, or would be in a dry run. */
  readonly stamped: readonly string[];
  /** What was applied and changed afterwards, and is now recorded as the files say. */
  readonly accepted: readonly string[];
}

/** What is wrong with files or history, or keeps a run from going on. */
export interface Problem {
  /** What `dbp` ends with for it: 2 pending, 4 files or history, 5 drift, 6 a rule. */
  readonly exitCode: number;
  /** `edited`, `missing`, `out-of-order`, `half-reverted`, `half-applied`, `file`, `pending`, `drift`, or the rule of the lint. */
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

/** A migration that is applied. */
export interface AppliedMigration {
  /** Its id. */
  readonly id: string;
  /** As in {@link HistoryRecord}. */
  readonly kind: HistoryRecord["kind"];
  /** When. */
  readonly appliedAt: Date;
  /** How long it took. */
  readonly milliseconds: number | undefined;
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
