import type { MigrationDialect } from "./dialect.ts";
import type { Draft, PlanOptions, SchemaPlan } from "./plan.ts";
import type { HistoryRecord } from "./record.ts";
import type { Script } from "./script.ts";
import type {
  LockOptions,
  MigrationServer,
  MigrationSession,
} from "./session.ts";

/** The files of a migration that is partially applied. */
export interface PartialFiles {
  /** The steps of the up file that are done. */
  readonly done: Pick<Script, "steps">;
  /** The other steps of the up file. */
  readonly rest: Pick<Script, "steps">;
  /** The down file. */
  readonly down: Pick<Script, "steps">;
  /** Whether the first step of `rest` was started, and nothing shows whether it took effect (default: false). */
  readonly started?: boolean | undefined;
}

/** What an engine does for migrations. `migrationTarget` makes one from five members. */
export interface MigrationTarget {
  /** How the engine reads and writes its files. */
  readonly dialect: MigrationDialect;
  /** The database, for errors and reports, without secrets. */
  readonly place: string;
  /** Compares the database with the models. */
  plan(options: PlanOptions): Promise<SchemaPlan>;
  /**
   * Proves that the files of a plan have the planned effect, and leaves no
   * trace: after `up` nothing is different, after `down` the schema is as before.
   *
   * @throws {MigrationError} with exit code 1, naming the difference
   */
  prove(
    up: Script,
    down: Script | undefined,
    options: PlanOptions,
  ): Promise<void>;
  /** Returns the history without a lock, oldest record first; empty if nothing was ever applied. */
  history(): Promise<readonly HistoryRecord[]>;
  /** Describes the process that holds the migration lock; undefined if none does. The server may notice a killed process late. */
  holder(): Promise<string | undefined>;
  /** Returns the product and the version of the server. */
  server(): Promise<MigrationServer>;
  /** As {@link MigrationSession.fingerprint}, without a lock, and limited to what the history says that models managed. */
  fingerprint(): Promise<string>;
  /**
   * Describes the differences between the database and the models, and names
   * unmanaged objects. Objects that only earlier models managed are neither.
   *
   * @param managed names of everything that models managed, from the history
   * @param adopting whether existing tables may lack their position indexes
   */
  differences(
    managed: readonly string[],
    adopting?: boolean,
  ): Promise<Pick<SchemaPlan, "changes" | "unmanaged">>;
  /**
   * Counts the existing rows that would make files fail, one line for each rule
   * that rows break. Optional: without it, a dry run does not show them.
   */
  violations?(
    scripts: readonly Pick<Script, "steps">[],
  ): Promise<readonly string[]>;
  /**
   * Returns the steps that restore the schema as it was before a migration that
   * is partially applied. Optional: without it, such a migration is completed
   * before it is rolled back.
   *
   * @throws {MigrationError} if the steps that are done cannot be undone; the
   * message continues "Cannot roll back …: "
   */
  undo?(files: PartialFiles): Promise<Draft>;
  /** Describes the rules that a partial run left weaker than they were, one line each; nothing by default. */
  weakened?(): Promise<readonly string[]>;
  /** Describes what works in the schema, but costs more than it must; nothing by default. */
  warnings?(): Promise<readonly string[]>;
  /**
   * Describes the look-up rows of the models that are missing or have other
   * values, one line each. The tables must match the models. Every connection
   * supplies it.
   */
  lookupRows?(): Promise<readonly string[]>;
  /** Returns whether none of the models' tables exists. */
  isEmpty(): Promise<boolean>;
  /** Returns the tables or collections that no model describes, also if the types of the models' tables do not exist yet. Optional: without it, the first migration does not ask whether the database is the correct one. */
  otherTables?(): Promise<readonly string[]>;
  /**
   * Acquires the migration lock.
   *
   * @throws {LockError} naming the holder, after `wait` milliseconds
   */
  lock(options: LockOptions): Promise<MigrationSession>;
}
