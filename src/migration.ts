/** The way in which a file's statements are run. */
export interface Step {
  /** Whether its statements are one transaction, together with the record that it is done. A step without one holds a single statement, which may be run again. */
  readonly transaction: boolean;
  /** Whether its single statement is run again, each time in a transaction of its own, until it changes no row: how a large table is filled in parts. */
  readonly repeat: boolean;
  /** Milliseconds that a statement waits for a lock before the step is tried again; 0 waits for ever. Undefined is the engine's own limit. */
  readonly lockTimeout: number | undefined;
  /** Milliseconds that a statement may take; 0 is for ever. Undefined is the engine's own limit. */
  readonly statementTimeout: number | undefined;
  /** The statements one by one, as the engine sends them. */
  readonly statements: readonly string[];
  /** The line of the file on which each statement begins, from 1, where the engine tells. */
  readonly lines?: readonly number[] | undefined;
  /** What it begins with, in a line for people, without values, which may be secrets. */
  readonly title: string;
  /** The line of the file on which it begins, from 1. */
  readonly line: number;
  /** What it does, whatever its white space and comments: equal for equal tokens. */
  readonly hash: string;
}

/** A rule that a file breaks on purpose. */
export interface Ignored {
  /** The rule's name. */
  readonly rule: string;
  /** Why that is right here. */
  readonly why: string;
}

/** One file, read: one direction of a migration. */
export interface Script {
  /** Its steps, in order; none in an empty file. */
  readonly steps: readonly Step[];
  /** What it may lose, as `drop-column object.stellar`: the `dbp:destructive` lines. */
  readonly destructive: readonly string[];
  /** Why there is no way back, where the file says so. */
  readonly irreversible: string | undefined;
  /** The rules that it breaks on purpose. */
  readonly ignored: readonly Ignored[];
  /** What the server must be, as `pg>=14`. */
  readonly requires: readonly string[];
  /** Of its tokens: the same for any white space, comments, line ends, byte order mark; directives count. */
  readonly checksum: string;
}

/** What a file does that a live database may not stand, or that loses data without saying so. */
export interface LintProblem {
  /** The rule's name, which `dbp:ignore` takes. */
  readonly rule: string;
  /** The line of the file, from 1. */
  readonly line: number;
  /** What is wrong and what to write instead. */
  readonly problem: string;
}

/** How an engine writes its files. Knows no database; everything here is pure. */
export interface MigrationDialect {
  /** The folder of its files below the migrations folder: `sql`. */
  readonly folder: string;
  /** How its files end: `.sql`. */
  readonly extension: string;
  /**
   * Reads a file.
   *
   * @param file its name, for errors
   * @throws {MigrationError} with exit code 4, naming file, line, the wrong
   * thing and the nearest right one
   */
  parse(text: string, file: string): Script;
  /** Writes a file that {@link parse} reads back. Never holds a secret. */
  print(draft: Draft): string;
  /** Rules that a file breaks and does not ignore. */
  lint(script: Script, direction: Direction): readonly LintProblem[];
  /** A file with nothing in it but a hint how to go on. */
  empty(direction: Direction): string;
  /** A file with nothing in it but words for people. */
  comment(words: string): string;
}

/** Forwards or back. */
export type Direction = "up" | "down";

/** A step that has no place in a file yet. */
export type DraftStep =
  & Pick<Step, "transaction" | "repeat" | "lockTimeout" | "statementTimeout">
  & {
    /** Statements as a person reads them, without the `;` at their ends. */
    readonly statements: readonly string[];
    /** What a reader should know about it; written as comments. */
    readonly comments?: readonly string[];
  };

/** A file before it is written. */
export interface Draft {
  /** Its steps. */
  readonly steps: readonly DraftStep[];
  /** As in {@link Script}. */
  readonly destructive: readonly string[];
  /** As in {@link Script}. */
  readonly irreversible?: string | undefined;
  /** As in {@link Script}. */
  readonly requires: readonly string[];
  /** As in {@link Script}. */
  readonly ignored?: readonly Ignored[];
}

/** What a person wants done about changes that could be read in two ways. Names are `table` or `table.column`. */
export interface Intent {
  /** From old names to new ones. */
  readonly renames: ReadonlyMap<string, string>;
  /** What may be dropped: no renames, these. */
  readonly drops: ReadonlySet<string>;
  /** What rows that are there get in a new column that may not be empty: `table.column` to a value, as the engine writes values. */
  readonly defaults: ReadonlyMap<string, string>;
}

/** A question that only a person can answer. */
export interface Decision {
  /** The question. */
  readonly question: string;
  /** The options of the command line that answer it: `--rename object.a=object.b`, `--drop object.a`. */
  readonly options: readonly string[];
}

/** What a plan is made from besides the database and the models. */
export interface PlanOptions {
  /** What a person wants done. */
  readonly intent: Intent;
  /** What models managed, by the history. */
  readonly managed: readonly string[];
  /** As if the database held nothing, for a baseline. */
  readonly empty?: boolean | undefined;
}

/** What it takes to make the database what the models say. */
export interface SchemaPlan {
  /** The way there; no steps where there is nothing to do. */
  readonly up: Draft;
  /** And the way back. */
  readonly down: Draft;
  /** A name for it, in words joined by `_`: `add_detection_drb`. */
  readonly name: string;
  /** What is different, a line each. */
  readonly changes: readonly string[];
  /** What no model manages and no history lists: told, never touched. */
  readonly unmanaged: readonly string[];
  /** Questions to answer first. Where there are any, `up` and `down` say nothing. */
  readonly decisions: readonly Decision[];
  /** Changes that are not generated, each with a sketch of the statements to finish by hand. */
  readonly refused: readonly {
    readonly change: string;
    readonly sketch: string;
  }[];
}

/** What a migration in the history came to. */
export type MigrationState = "running" | "applied" | "failed" | "reverted";

/** One migration as the history has it. */
export interface HistoryRecord {
  /** `20260930T141502_add_drb`. */
  readonly id: string;
  /** Applied from its file, or taken as there. */
  readonly kind: "migrate" | "baseline";
  /** What its last run came to. */
  readonly state: MigrationState;
  /** Which way the last run went. */
  readonly direction: Direction;
  /** Of the file forwards. */
  readonly upChecksum: string;
  /** Undefined where there was no file back. */
  readonly downChecksum: string | undefined;
  /** The file back, so that a checkout without it can go back. */
  readonly downText: string | undefined;
  /** Steps of the direction that runs or ran. */
  readonly stepsTotal: number;
  /** How many of those are done. */
  readonly stepsDone: number;
  /** The hashes of those that are done or were to be, in order. */
  readonly stepHashes: readonly string[];
  /** What the schema was when it was done. */
  readonly fingerprint: string | undefined;
  /** What models managed when it was done: `object`, `object.oid`, `object#ix_object_oid`. */
  readonly managed: readonly string[];
  /** Why it failed; no secret. */
  readonly error: string | undefined;
  /** The database's code of the error: the SQLSTATE on PostgreSQL. */
  readonly code: string | undefined;
  /** When the last run began; later than that of all that ran before. */
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
  /** The version of the history itself. One that is newer than this package knows is refused. */
  readonly format: number;
}

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

/** How long to wait and whom to tell. */
export interface LockOptions {
  /** Milliseconds to wait for another process that migrates. */
  readonly wait: number;
  /** Ends waiting and work. */
  readonly signal?: AbortSignal | undefined;
  /** Told of waiting, blocking and trying again. */
  readonly onEvent: (event: MigrationEvent) => void;
  /** This package's version, for the history. */
  readonly toolVersion: string;
}

/** What a server is, held against what files require. */
export interface MigrationServer {
  /** What `dbp:requires` calls it: `pg`. */
  readonly product: string;
  /** What people call it: `PostgreSQL`. */
  readonly name: string;
  /** Its version, as it tells it: `18.1`. */
  readonly version: string;
}

/** The only one who may change the schema now, and its history. It ends by `release`. */
export interface MigrationSession {
  /** The history, read after the lock was had; oldest first. */
  history(): Promise<readonly HistoryRecord[]>;
  /** What the server is. */
  server(): Promise<MigrationServer>;
  /** Makes the history where it is missing: who may not is told so before anything else is done. */
  makeHistory(): Promise<void>;
  /** Makes the history where it is missing, and writes or replaces a record; user, host and versions are filled in here. */
  record(record: NewRecord): Promise<void>;
  /**
   * Runs one step and records that it is done, exactly once: where it is a
   * transaction, in the same one. Makes sure of the lock first. Tries again on
   * lock time-outs, deadlocks and serialization failures, with pauses.
   *
   * @param place the step's index from 0
   * @throws {LockError} where the lock was lost
   */
  run(id: string, script: Script, place: number): Promise<void>;
  /** What is there of what models manage or managed, in one word, whatever the version of the server. What others put there does not count. */
  fingerprint(): Promise<string>;
  /** What models manage and is there, as in {@link HistoryRecord}. */
  managed(): Promise<readonly string[]>;
  /** Gives the lock back; twice is fine. */
  release(): Promise<void>;
}

/** What is said of a migration when it is recorded. */
export type NewRecord = Omit<
  HistoryRecord,
  "user" | "host" | "toolVersion" | "serverVersion" | "format"
>;

/** What an engine does for migrations. `src/migrate` knows no more of it than this. */
export interface MigrationTarget {
  /** How its files are written. */
  readonly dialect: MigrationDialect;
  /** What errors and reports call the place: never a secret. */
  readonly place: string;
  /** Compares the database with the models. */
  plan(options: PlanOptions): Promise<SchemaPlan>;
  /**
   * Proves, without leaving a trace, that a plan's files do what they say: after
   * `up` there is nothing to do, after `down` the schema is what it was.
   *
   * @throws {MigrationError} with exit code 1, naming the difference
   */
  prove(
    up: Script,
    down: Script | undefined,
    options: PlanOptions,
  ): Promise<void>;
  /** The history without a lock; none where nothing was ever applied. Oldest first. */
  history(): Promise<readonly HistoryRecord[]>;
  /** What the server is. */
  server(): Promise<MigrationServer>;
  /** As {@link MigrationSession.fingerprint}, without a lock, and of what the history says that models managed, where it says so. */
  fingerprint(): Promise<string>;
  /**
   * What is different between database and models, in words, and what is there
   * besides; for `drift`. What models do not have any more is neither.
   *
   * @param managed what models managed, by the history
   */
  differences(
    managed: readonly string[],
  ): Promise<Pick<SchemaPlan, "changes" | "unmanaged">>;
  /** Whether none of the models' tables is there. */
  isEmpty(): Promise<boolean>;
  /**
   * Becomes the only one who may change the schema.
   *
   * @throws {LockError} with the holder, when `wait` is over
   */
  lock(options: LockOptions): Promise<MigrationSession>;
}
