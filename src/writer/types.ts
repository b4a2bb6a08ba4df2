import type { AnyModel, InsertOf, RowOf } from "../model/types.ts";
import type { Query } from "../query/query.ts";
import type { Session } from "../query/session/session.ts";
import type { CallOptions } from "../query/statement/call_options.ts";
import type { Rows } from "../query/statement/statement.ts";
import type { MergeRules } from "../query/write/merge_rules.ts";
import type { Transaction } from "../connection/transaction.ts";

/** A row that a flush did not write, because the model or the database refused it. */
export interface RejectedRow {
  /** The name of the model. */
  readonly model: string;
  /** The index of the row among those that its `insert` or `upsert` passed, from 0. */
  readonly index: number;
  /** The row, as it was passed. */
  readonly row: unknown;
  /** The invalid fields; the fields of the violated constraint, joined by commas, if the database refused the row. */
  readonly problems: readonly {
    readonly field: string;
    readonly reason: string;
  }[];
}

/** Options of {@link createWriter}. */
export interface WriterOptions {
  /** The number of rows at which a flush begins by itself, and above which `ready` waits (default: 10,000). */
  maxRows?: number;
  /** The longest time in milliseconds that a row waits before a flush begins by itself (default: 1,000). */
  maxMilliseconds?: number;
  /**
   * Called for each row that the model or the database refuses, after the
   * transaction with the other rows is committed; a promise that it returns is
   * awaited. Without it, such a row makes the whole flush fail.
   */
  onRejected?: (row: RejectedRow) => void;
  /** The maximum number of retries of a flush after a conflict, a time limit or a lost connection (default: 5). */
  retries?: number;
}

/** Options of {@link Writer.upsert}: those of `bulkUpsert`. */
export interface WriterUpsertOptions<M extends AnyModel> {
  /** The key that identifies existing rows (default: the primary key). */
  conflict?: readonly (keyof RowOf<M>)[];
  /** The fields to overwrite (default: those of each row). */
  update?: readonly (keyof RowOf<M>)[];
  /** A row replaces another only if these fields, compared in order, are greater. */
  prefer?: readonly (keyof RowOf<M>)[];
  /** How the value of a row is combined with the existing one, for each field. */
  merge?: MergeRules<RowOf<M>>;
}

/** The numbers of rows since the previous `flush()` that resolved. Their sum is the number of rows handed over. */
export interface FlushReport {
  /** New rows. */
  readonly inserted: number;
  /** Existing rows that an upsert changed. */
  readonly updated: number;
  /** Rows that changed nothing: an `insert` found their key, or an `upsert` found nothing to change. */
  readonly ignored: number;
  /** Rows that `onRejected` received. */
  readonly rejected: number;
}

/** What a writer has done so far. */
export interface WriterStats {
  /** Flushes that wrote their rows. */
  readonly flushes: number;
  /** Rows of these flushes, without the rejected ones. */
  readonly rows: number;
  /** Rows that `onRejected` received. */
  readonly rejected: number;
  /** Repetitions of flushes. */
  readonly retries: number;
}

/** Collects rows of several tables, and writes them together. {@link createWriter} returns it. */
export interface Writer extends AsyncDisposable {
  /**
   * Hands rows to the writer, which inserts them like `bulkInsert` with the next flush.
   * @throws {QueryError} if the model, the rows or an option is wrong
   * @throws {TransactionError} if the writer was disposed
   */
  insert<M extends AnyModel>(
    model: M,
    rows: Rows<InsertOf<M>>,
    options?: { onConflict?: "ignore" | "error" },
  ): void;
  /**
   * Hands rows to the writer, which upserts them like `bulkUpsert` with the next flush.
   * @throws {QueryError} if the model, the rows or an option is wrong
   * @throws {TransactionError} if the writer was disposed
   */
  upsert<M extends AnyModel>(
    model: M,
    rows: Rows<Partial<InsertOf<M>>>,
    options?: WriterUpsertOptions<M>,
  ): void;
  /** Resolves when the writer holds fewer than `maxRows` rows. Rejects with the error of a flush that failed since the previous call. */
  readonly ready: Promise<void>;
  /**
   * Resolves after all rows handed over before are committed. Rows that no flush
   * has begun to write are written by one transaction.
   * @param options the limits of the wait. After one, the flush continues, and
   * the next call reports it
   * @throws the error of a flush that failed, after its retries; the writer then
   * holds no rows
   */
  flush(options?: CallOptions): Promise<FlushReport>;
  /** What the writer has done so far. */
  readonly stats: WriterStats;
}

/** What a writer writes to: a connection or a transaction. */
export interface WriterTarget {
  /** Returns the queries on a model. */
  query<M extends AnyModel>(model: M): Query<M>;
  /** Runs `fn` in a transaction. */
  transaction<T>(
    fn: (tx: Transaction) => Promise<T>,
    options?: CallOptions,
  ): Promise<T>;
  /** Runs `fn` in a session; a transaction has none. */
  withSession?<T>(fn: (session: Session) => Promise<T>): Promise<T>;
}
