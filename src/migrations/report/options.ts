import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  Decision,
  Direction,
  MigrationEvent,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";

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
export interface BaselineOptions extends Omit<RunOptions, "dryRun"> {
  /** A name in place of `baseline`. */
  readonly name?: string | undefined;
  /** The time that the files' name begins with; now. */
  readonly now?: Date | undefined;
}

/** Options of `migrate`. */
export interface MigrateOptions extends RunOptions {
  /** The last migration to apply: its id or name, or the beginning of either. */
  readonly to?: string | undefined;
  /** How many to apply at most. */
  readonly steps?: number | undefined;
  /** Whether files that are older than an applied one may still be applied; false. */
  readonly outOfOrder?: boolean | undefined;
}

/** Options of `rollback`. */
export interface RollbackOptions extends RunOptions {
  /** The migration that stays the last: its id or name, or the beginning of either. */
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
  /** The last migration to record: its id or name, or the beginning of either. */
  readonly to?: string | undefined;
  /** A migration whose stamp was wrong, named likewise: instead of recording any, it becomes pending again. Nothing is run. */
  readonly unstamp?: string | undefined;
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

/** How far a run goes. */
export interface Extent {
  readonly to?: string | undefined;
  readonly steps?: number | undefined;
}

/**
 * Makes sure that an extent can be meant.
 *
 * @throws {MigrationError} with exit code 64
 */
export function assertExtent({ to, steps }: Extent): void {
  const wrong = to !== undefined && steps !== undefined
    ? "--to and --steps say the same in two ways: give one of them"
    : steps !== undefined && steps !== Infinity &&
        !(Number.isInteger(steps) && steps > 0)
    ? `--steps is a whole number of migrations from 1, not ${steps}`
    : undefined;
  if (wrong !== undefined) {
    throw new MigrationError(wrong, { exitCode: EXIT.usage });
  }
}

/** Where the folder of migrations is, unless it is said. */
export const DIRECTORY = "./migrations";

/** Milliseconds to wait for another process that migrates, unless it is said. */
export const LOCK_WAIT = 60_000;
