import type { Buffer } from "node:buffer";
import {
  assertTransactionOptions,
  type TransactionOptions,
} from "../../query/statement/transaction_options.ts";

/** A value of a statement: its text, its binary format, or null. A number is a value of the type double precision. */
export type SentValue = string | number | Uint8Array | null;

/** What is known about SQL that the caller wrote. */
export interface RawSql {
  /** Whether it has several statements, which may end a transaction or begin one. */
  readonly isScript: boolean;
  /** Whether it may leave settings, locks, or temporary objects in its session, so that nobody else uses the session afterwards. */
  readonly leavesState: boolean;
}

/** A statement that is ready to send. Its values are separate from its text. */
export interface Command {
  /** SQL with `$1`, `$2`, … */
  readonly text: string;
  /** The values, as PostgreSQL reads them. */
  readonly values: readonly SentValue[];
  /** The name of the prepared statement, if it is prepared. */
  readonly name?: string | undefined;
  /** Whether it only reads, so that it can be sent again. */
  readonly isRead?: boolean | undefined;
  /** Whether it reads what the catalogs say about a table, once per connection, and is not reported to `onQuery`. */
  readonly isCatalogRead?: boolean | undefined;
  /** Whether it reads at most one row by a unique key. Such statements can share a connection. */
  readonly short?: boolean | undefined;
  /** Whether it is a small write, which may wait for a lock: nothing may be sent behind it. */
  readonly isSmallWrite?: boolean | undefined;
  /** Whether the caller wrote it, and what is known about it then. */
  readonly raw?: RawSql | undefined;
  /** A text that statements with the same columns share; the text of the statement by default. */
  readonly shape?: string | undefined;
  /** Ends the statement when it is aborted: the server stops its work, and the statement is rejected. It never shares a connection then. */
  readonly signal?: AbortSignal | undefined;
}

/** A column of a result. */
export interface Column {
  /** The name. */
  readonly name: string;
  /** The object identifier of its type, in `pg_type`; of a domain, the type below it. */
  readonly type: number;
  /** Whether its values arrive in the binary format of the type, or else as text. */
  readonly isBinary: boolean;
}

/** The texts of a row. */
export type RawRow = readonly (string | null)[];

/**
 * Reads a row from received bytes: of each column its length, or -1 for null,
 * and its value. `at` is the position of the first length, `end` is behind the
 * last value, and the view is that of the same bytes. The bytes belong to the
 * connection: they must be copied to be kept.
 */
export type ReadRow = (
  bytes: Buffer,
  view: DataView,
  at: number,
  end: number,
) => void;

/** Receives the rows of a result in the format of their columns. */
export interface RowReader {
  /**
   * Returns the function that reads each row. It is called before the first row.
   *
   * @throws {SchemaError} if the reader cannot read a column
   */
  open(columns: readonly Column[]): ReadRow;
}

/**
 * Receives the rows of a result: in the format of their columns, or as texts. A
 * result with texts cannot contain types whose text depends on settings of the
 * session, such as times and floats.
 */
export type Rows = RowReader | ((row: RawRow) => void);

/** The result of a statement, without its rows. */
export interface Done {
  /** The number of returned or changed rows. */
  readonly count: number;
}

/** Sends statements. */
export interface SqlLink {
  /** Sends a statement, and passes each row to `rows` when it arrives. */
  query(command: Command, rows?: Rows): Promise<Done>;
}

/** An open transaction. The caller must end it with `commit` or `rollback`, also after an error. */
export interface SqlTransaction extends SqlLink {
  /**
   * Copies binary rows into `target`, a table with its columns. Returns the number of rows.
   *
   * @param signal ends the copy when it is aborted
   */
  copyIn(
    target: string,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<number>;
  /**
   * Commits the transaction.
   *
   * @param signal limits the wait for the answer; the commit itself is not canceled
   */
  commit(signal?: AbortSignal): Promise<void>;
  /** Rolls the transaction back, also on a broken connection. Does nothing if it has ended. */
  rollback(): Promise<void>;
}

/**
 * The state of the process of a session, which the server reports on another
 * connection: it works or waits for a lock, it waits for its client, the server
 * does not report it, or the server does not answer.
 */
export type ProcessState = "busy" | "idle" | "unknown" | "unreachable";

/** A database session that is reserved for several statements. It is outside a transaction until a statement begins one. */
export interface SqlSession {
  /** Whether other statements of this process use it too, so that a turn must restore its settings. */
  readonly shared: boolean;
  /** The process ID of the server, as the client received it; a pooler invents one. */
  readonly pid: number | undefined;
  /** Runs a turn without statements of other callers in between. Turns wait for each other. */
  exclusively<T>(turn: (link: SqlLink) => Promise<T>): Promise<T>;
  /** Asks the server about the process of the session, also during a statement. Undefined if the database runs in this process. */
  readonly ask?: (() => Promise<ProcessState>) | undefined;
  /** Ends the session, also during a statement. None of its settings remain. */
  release(): Promise<void>;
}

/** A connection to a PostgreSQL database, through a client library. */
export interface SqlDriver extends SqlLink {
  /** Whether several transactions can be open at the same time. */
  readonly concurrent: boolean;
  /** The location of the database, for messages: `PostgreSQL at host:5432, database x`. */
  readonly location: string;
  /** Returns the name or address and the port of the server that was chosen last. */
  readonly address?:
    | (() => { readonly host?: string; readonly port?: number })
    | undefined;
  /** Returns milliseconds, in coarse steps, that pass for some seconds after each statement; cheaper than a look at the clock. Undefined if no connection can be lost. */
  readonly elapsed?: (() => number) | undefined;
  /** Begins a transaction. */
  begin(options: BeginOptions): Promise<SqlTransaction>;
  /** Reserves a session without an open transaction. */
  reserve(): Promise<SqlSession>;
  /** Closes all connections. */
  close(): Promise<void>;
}

/** Options of the beginning of a transaction. */
export interface BeginOptions {
  /** The isolation level (default: `read committed`, whatever the server's default is). */
  readonly isolationLevel?:
    | TransactionOptions["isolationLevel"]
    | "server default";
  /** Whether the database rejects writes (default: false). */
  readonly readOnly?: TransactionOptions["readOnly"];
  /** Ends the beginning when it is aborted, also while it waits for a client. It does not limit the transaction. */
  readonly signal?: AbortSignal | undefined;
}

/** Returns the SQL that begins a transaction. */
export function beginText(options: BeginOptions): string {
  const { isolationLevel = "read committed", readOnly } = options;
  return `begin${modesText({ isolationLevel, readOnly })}`;
}

/** Returns the modes of a transaction as SQL, after a space: nothing for the server's defaults. */
export function modesText({ isolationLevel, readOnly }: BeginOptions): string {
  const level = isolationLevel === "server default"
    ? undefined
    : isolationLevel;
  assertTransactionOptions({
    ...(level === undefined ? {} : { isolationLevel: level }),
    ...(readOnly === undefined ? {} : { readOnly }),
  });
  const isolation = level === undefined ? "" : ` isolation level ${level}`;
  return `${isolation}${readOnly === true ? " read only" : ""}`;
}
