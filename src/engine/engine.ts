import type { RunCall } from "../base/call_scope.ts";
import type { MigrationTarget } from "./migrations/mod.ts";
import type { AnyModel } from "../model/types.ts";
import type { Executor } from "../query/statement/executor.ts";

/** A statement that was executed, for logs and metrics. */
export interface QueryEvent {
  /** The statement, with placeholders for values. Control characters other than line breaks and tabs are escape sequences. */
  text: string;
  /** The server: `PostgreSQL at host:5432, database x`. */
  server?: string;
  /** The name or address of the server, if it is known. */
  host?: string;
  /** The port of the server, if it is known. */
  port?: number;
  /** The time until the answer, in milliseconds. */
  milliseconds: number;
  /** The number of rows read or written. */
  rows?: number;
  /** The error, if it failed. */
  error?: Error;
  /** The values, only if `logValues` is true. */
  values?: readonly unknown[];
}

/** A statement that took long. */
export interface SlowQueryEvent extends QueryEvent {
  /** The plan, if `explain` is true and the statement has one. It contains values only if `logValues` is true. */
  plan?: string;
  /** Why the plan is missing, if it could not be read. */
  planError?: Error;
}

/** Which statements are reported as slow. */
export interface SlowQueries {
  /** The duration in milliseconds from which a statement is slow. */
  readonly milliseconds: number;
  /** Called after each slow statement. */
  readonly onSlowQuery: (event: SlowQueryEvent) => void;
  /** Whether events contain the plan. */
  readonly explain: boolean;
}

/** A replica is left out of reads for a while, or is in use again. */
export interface ReplicaEvent {
  /** The replica: `PostgreSQL at host:5432, database x`. */
  readonly server: string;
  /** Whether reads use it. */
  readonly state: "left out" | "in use";
  /** Why it is left out. */
  readonly reason?: string;
  /** The error, if it failed. */
  readonly error?: Error;
}

/** Options of {@link Engine.open}, in addition to the settings. */
export interface OpenOptions {
  /** The beginning of messages about invalid settings: `Invalid settings file settings.ts`. */
  readonly source: string;
  /** The models of the connection. */
  readonly models: readonly AnyModel[];
  /** A client of the driver that the caller provides, in place of one from the settings. */
  readonly client?: unknown;
  /** Clients of servers that only read, which the caller provides too. An engine that cannot use them throws a `ConfigError`. */
  readonly replicas?: readonly unknown[] | undefined;
  /** Called after every statement but those that only read the catalogs. */
  readonly onQuery?: ((event: QueryEvent) => void) | undefined;
  /** Whether events contain values. */
  readonly logValues?: boolean | undefined;
  /** Reports statements that take long. */
  readonly slowQueries?: SlowQueries | undefined;
  /** Called when a replica is left out, and when it is in use again. */
  readonly onReplicaChange?: ((event: ReplicaEvent) => void) | undefined;
  /**
   * Runs each execution of native access. It fails if the connection cannot be
   * used (inside its own transaction, or after `close`), and when the connection
   * is closed before the execution ends.
   */
  readonly call?: RunCall | undefined;
}

/** The result of `createDb`. */
export interface SchemaReport {
  /** The created tables or collections. */
  readonly created: readonly string[];
  /** The existing tables or collections. */
  readonly present: readonly string[];
  /** Notes for the user: created indexes, and parts of the models that the database does not have. */
  readonly notes?: readonly string[];
}

/** A database, as traces and metrics describe it. */
export interface DatabaseDescription {
  /** The name of the product, by OpenTelemetry's conventions: `postgresql`, `mongodb`. */
  readonly system: string;
  /** The name of the database, and of its schema if it is known: `ztf`, `ztf|public`. */
  readonly namespace?: string | undefined;
  /** Returns the text of a query without values. If not defined, texts contain none. */
  textOf?(text: string): string;
}

/** An open connection to a database. */
export interface Backend extends Executor {
  /** The database, for traces and metrics. */
  readonly description?: DatabaseDescription;
  /**
   * Creates missing tables or collections and inserts missing seed rows. Two
   * concurrent calls must not conflict.
   *
   * @param options `verify`: existing tables must match the models; if they do
   * not, nothing is changed. `models`: the models of the tables (default: those of
   * the connection)
   * @throws {SchemaError} with every difference, if `verify` is true
   */
  createDb(
    options: {
      readonly verify: boolean;
      readonly models?: readonly AnyModel[] | undefined;
    },
  ): Promise<SchemaReport>;
  /** Drops the tables or collections of the models and the migration history. Returns their names. */
  dropDb(): Promise<readonly string[]>;
  /** Returns the target of migrations, if the engine has them. */
  migrations?(): MigrationTarget;
  /** Closes the connection; running statements fail. */
  close(): Promise<void>;
}

/**
 * A plugin: a value that opens connections. `ENGINE` in the settings selects it.
 * The contract suite of `@alerce/db-plugins/testing` tests it.
 */
export interface Engine {
  /** The value of `ENGINE`. */
  readonly name: string;
  /**
   * Opens a connection and checks that the database is reachable.
   *
   * @param settings the unchecked entry of `DB_CONFIG`
   * @throws {ConfigError} with every wrong key
   * @throws {ConnectionError} or `AuthenticationError`, `TimeoutError`, if the
   * database is not reachable
   */
  open(settings: unknown, options: OpenOptions): Promise<Backend>;
  /** Creates the database, for `initdb --create-database`. Returns whether it was missing. */
  createDatabase?(settings: unknown, source: string): Promise<boolean>;
}
