import type { MigrationDialect } from "./dialect.ts";
import type { PlanOptions, SchemaPlan } from "./plan.ts";
import type { HistoryRecord } from "./record.ts";
import type { Script } from "./script.ts";
import type {
  LockOptions,
  MigrationServer,
  MigrationSession,
} from "./session.ts";

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
  /** Who has the lock now, in words, or undefined; where a process was killed, the server may take a while to know. */
  holder(): Promise<string | undefined>;
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
