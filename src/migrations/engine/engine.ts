import type {
  HistoryRecord,
  MigrationDialect,
  MigrationSession,
  MigrationTarget,
  PlanOptions,
  SchemaPlan,
  Step,
} from "../../engine/migrations/mod.ts";

/** What an engine must supply for migrations: a dialect and five members. Any other member of a target or a session replaces a default. */
export interface MigrationEngine
  extends
    Partial<Omit<MigrationTarget, "dialect" | "plan" | "history" | "lock">>,
    Partial<Pick<MigrationSession, "createHistory">> {
  /** How the engine reads and writes its files; `lineDialect` makes one. */
  readonly dialect: MigrationDialect;
  /** The names of everything that the models define. */
  readonly models: readonly string[];
  /** The database user, for the history. */
  readonly user?: string;
  /** Compares the database with the models. */
  plan(options: PlanOptions): Promise<SchemaPlan>;
  /** Returns the definition of each object in the database, by its name. */
  schema(): Promise<ReadonlyMap<string, string>>;
  /**
   * Runs a step.
   *
   * @param recordDone records that the step is done: call it in the same
   * transaction, or after the last statement
   */
  run(step: Step, recordDone: () => Promise<void>): Promise<void>;
  /** Stores the history. */
  readonly history: {
    read(): Promise<readonly HistoryRecord[]>;
    /** Inserts or replaces a record. */
    write(record: HistoryRecord): Promise<void>;
  };
  /** The migration lock of the database. */
  readonly lock: {
    /** Acquires the lock for a token; returns whether the token holds it now. */
    acquire(token: string): Promise<boolean>;
    /** Returns whether a token still holds the lock. */
    isHeld(token: string): Promise<boolean>;
    release(token: string): Promise<void>;
    /** The longest pause between two attempts to acquire it, in milliseconds. */
    readonly poll?: number;
  };
}
