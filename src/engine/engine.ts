import type { MigrationTarget } from "./migrations/mod.ts";
import type { AnyModel } from "../model/types.ts";
import type { Executor } from "../query/statement/executor.ts";

/** One statement that was sent, for logs and measurements. */
export interface QueryEvent {
  /** The statement, with placeholders where values stand. */
  text: string;
  /** How long the answer took. */
  milliseconds: number;
  /** How many rows came back or were written. */
  rows?: number;
  /** Why it failed. */
  error?: Error;
  /** The values, only where `logValues` asks for them. */
  values?: readonly unknown[];
}

/** What an engine is given besides its settings. */
export interface OpenOptions {
  /** How errors in the settings begin, as in `Invalid settings file settings.ts`. */
  readonly source: string;
  /** The models whose tables this connection works on. */
  readonly models: readonly AnyModel[];
  /** A driver's client of the caller's own, in place of one made from the settings. */
  readonly client?: unknown;
  /** Told of every statement. */
  readonly onQuery?: ((event: QueryEvent) => void) | undefined;
  /** Whether events carry values. */
  readonly logValues?: boolean | undefined;
  /** Throws where the connection may not be used: inside its own transaction, after `close`. For what an engine hands out besides statements. */
  readonly allowed?: (() => void) | undefined;
}

/** What `createDb` found and did. */
export interface SchemaReport {
  /** Tables or collections that were made. */
  readonly created: readonly string[];
  /** Those that were there. */
  readonly present: readonly string[];
  /** What else there is to know, in words: indexes that were added, and what the models ask for and the database does not have. */
  readonly notes?: readonly string[];
}

/** An open connection to a database, as an engine makes it. */
export interface Backend extends Executor {
  /**
   * Makes the tables or collections that are missing and fills look-up tables;
   * two at once do not disturb each other.
   *
   * @param options with `verify`, those that are there must be what the models
   * say, else nothing is changed
   * @throws {SchemaError} with every difference
   */
  createDb(options: { readonly verify: boolean }): Promise<SchemaReport>;
  /** Drops the models' tables or collections and the history, and names them. */
  dropDb(): Promise<readonly string[]>;
  /** What migrations are made and applied with, where the engine has them. */
  migrations?(): MigrationTarget;
  /** Frees everything; statements under way fail. */
  close(): Promise<void>;
}

/**
 * A plugin: one value that opens connections. `ENGINE` in the settings names
 * it. A third engine needs nothing else, and proves itself with the contract
 * suite of `@alerce/db-plugins/testing`.
 */
export interface Engine {
  /** The value of `ENGINE`. */
  readonly name: string;
  /**
   * Opens a connection and reaches the database.
   *
   * @param settings the entry of `DB_CONFIG`, unchecked
   * @throws {ConfigError} naming every wrong key
   * @throws {ConnectionError} or `AuthenticationError`, `TimeoutError`
   */
  open(settings: unknown, options: OpenOptions): Promise<Backend>;
  /** Makes the database itself, for `initdb --create-database`; whether it had to. */
  createDatabase?(settings: unknown, source: string): Promise<boolean>;
}
