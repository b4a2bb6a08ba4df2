import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  Decision,
  Direction,
  MigrationEvent,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";

/** A connection of any engine that supports migrations. */
export interface Migratable {
  /** Returns what the engine does for migrations. */
  migrations(): MigrationTarget;
}

/** Options with a migrations folder. */
export interface FolderOptions {
  /** The migrations folder, which contains a folder for each engine. Default: `./migrations`. */
  readonly directory?: string | undefined;
}

/** Options of a run. */
export interface RunOptions extends FolderOptions {
  /** Whether to report what would be done, and do nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** Milliseconds to wait for another process. Default: 60000. */
  readonly lockWait?: number | undefined;
  /** Stops the run between two steps. Completed steps stay, and the next run continues. */
  readonly signal?: AbortSignal | undefined;
  /** Receives an event for each migration, step, wait and retry. */
  readonly onProgress?: ((event: MigrationEvent) => void) | undefined;
}

/** Options of `makeMigrations`. */
export interface MakeOptions extends FolderOptions {
  /** A name that replaces the generated one. */
  readonly name?: string | undefined;
  /** Whether to write files without statements, for manual changes. Default: false. */
  readonly empty?: boolean | undefined;
  /** Whether to fail if there are changes, and to write nothing. Default: false. */
  readonly check?: boolean | undefined;
  /** Whether to write nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** New names by old names: `{ "object.rb": "object.score" }`, `{ star: "object" }`. */
  readonly renames?: Readonly<Record<string, string>> | undefined;
  /** Tables and columns that are dropped, and not renamed: `table` or `table.column`. */
  readonly drops?: readonly string[] | undefined;
  /** Values for existing rows in new required columns, by `table.column`. */
  readonly defaults?: Readonly<Record<string, string>> | undefined;
  /** Asks a person. Returns one of the options, in which a value replaces a placeholder; undefined for no answer. */
  readonly decide?:
    | ((decision: Decision) => Promise<string | undefined>)
    | undefined;
  /** Whether to write the other changes if some must be written manually. Default: false. */
  readonly skipRefused?: boolean | undefined;
  /** The time in the names of the files. Default: now. */
  readonly now?: Date | undefined;
}

/** Options of `baseline`. */
export interface BaselineOptions extends Omit<RunOptions, "dryRun"> {
  /** A name that replaces `baseline`. */
  readonly name?: string | undefined;
  /** The time in the names of the files. Default: now. */
  readonly now?: Date | undefined;
  /** Whether to write the first file without the position indexes whose extension cannot be created. */
  readonly skipRefused?: boolean | undefined;
}

/** Options of `migrate`. */
export interface MigrateOptions extends RunOptions {
  /** The last migration to apply: its id or name, or the beginning of one. */
  readonly to?: string | undefined;
  /** The maximum number of migrations to apply. */
  readonly steps?: number | undefined;
  /** Whether to apply files that are older than an applied one. Default: false. */
  readonly outOfOrder?: boolean | undefined;
}

/** Options of `rollback`. */
export interface RollbackOptions extends RunOptions {
  /** The migration that stays the last one: its id or name, or the beginning of one. */
  readonly to?: string | undefined;
  /** The number of migrations to roll back; `Infinity` for all. Default: 1, without `to`. */
  readonly steps?: number | undefined;
  /** Whether to roll back a baseline too, which may drop objects that existed before migrations. Default: false. */
  readonly baseline?: boolean | undefined;
  /** The ids that a dry run reported, in order. If the rollback would now be another one, nothing is done. */
  readonly expect?: readonly string[] | undefined;
}

/** Options of `stamp`. */
export interface StampOptions extends RunOptions {
  /** The last migration to record: its id or name, or the beginning of one. */
  readonly to?: string | undefined;
  /** A migration whose stamp is removed, so that it is pending again: its id or name, or the beginning of one. Records and runs nothing. */
  readonly unstamp?: string | undefined;
}

/** Options of `printSql`. */
export interface PrintOptions extends FolderOptions {
  /** As in `migrate` or `rollback`. */
  readonly to?: string | undefined;
  /** As in `migrate` or `rollback`. */
  readonly steps?: number | undefined;
  /** The direction. Default: `up`. */
  readonly direction?: Direction | undefined;
}

/** Limits of a run. */
interface Extent {
  readonly to?: string | undefined;
  readonly steps?: number | undefined;
}

/**
 * Checks the limits of a run.
 *
 * @throws {MigrationError} with exit code 64 if they are invalid
 */
export function assertExtent({ to, steps }: Extent): void {
  const wrong = to !== undefined && steps !== undefined
    ? "--to and --steps cannot be combined: both limit the run"
    : steps !== undefined && steps !== Infinity &&
        !(Number.isInteger(steps) && steps > 0)
    ? `--steps must be a whole number, 1 or greater, not ${steps}`
    : undefined;
  if (wrong !== undefined) {
    throw new MigrationError(wrong, { exitCode: EXIT.usage });
  }
}

/** The default migrations folder. */
export const DIRECTORY = "./migrations";

/** The default wait for another process, in milliseconds. */
export const LOCK_WAIT = 60_000;
