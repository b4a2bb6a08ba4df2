import type { MigrationEvent } from "./event.ts";
import type { HistoryRecord, NewRecord } from "./record.ts";
import type { Script } from "./script.ts";

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
