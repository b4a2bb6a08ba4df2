import type { MigrationEvent } from "./event.ts";
import type { HistoryRecord, NewRecord } from "./record.ts";
import type { Script } from "./script.ts";

/** How to acquire the migration lock. */
export interface LockOptions {
  /** Milliseconds to wait for another process. */
  readonly wait: number;
  /** Stops the wait and the run. */
  readonly signal?: AbortSignal | undefined;
  /** Receives events. */
  readonly onEvent: (event: MigrationEvent) => void;
  /** The version of this package, for the history. */
  readonly toolVersion: string;
}

/** The server, as the requirements of files see it. */
export interface MigrationServer {
  /** The product in `dbp:requires`: `pg`. */
  readonly product: string;
  /** The product for people: `PostgreSQL`. */
  readonly name: string;
  /** The version, as the server reports it: `18.1`. */
  readonly version: string;
}

/** A session that holds the migration lock, so that no other process changes the schema or the history. */
export interface MigrationSession {
  /** Returns the history, oldest record first. */
  history(): Promise<readonly HistoryRecord[]>;
  /** Returns the product and the version of the server. */
  server(): Promise<MigrationServer>;
  /**
   * Creates the history if it is missing.
   *
   * @throws {MigrationError} naming the missing privilege, if the role lacks one
   */
  createHistory(): Promise<void>;
  /** Inserts or replaces a record, and creates the history if it is missing. The session adds user, host and versions. */
  record(record: NewRecord): Promise<void>;
  /**
   * Checks the lock, runs one step and records that it is done, exactly once: if
   * the step is a transaction, in the same one. Retries after lock timeouts,
   * deadlocks and serialization failures.
   *
   * @param index of the step, from 0
   * @throws {LockError} if the lock is lost
   */
  run(id: string, script: Script, index: number): Promise<void>;
  /** Returns a fingerprint of everything that models manage or managed, independent of the server's version. */
  fingerprint(): Promise<string>;
  /** Returns the names of everything that models manage and that exists, as in {@link HistoryRecord}. */
  managed(): Promise<readonly string[]>;
  /** Releases the lock. A second call does nothing. */
  release(): Promise<void>;
}
