import {
  assertTransactionOptions,
  type TransactionOptions,
} from "../../query/statement/transaction_options.ts";

/** A statement that is ready to send. Its values are separate from its text. */
export interface Command {
  /** SQL with `$1`, `$2`, … */
  readonly text: string;
  /** The values, as PostgreSQL reads them. */
  readonly values: readonly (string | null)[];
  /** The name of the prepared statement, if it is prepared. */
  readonly name?: string | undefined;
  /** Whether it reads at most one row by a unique key. Such statements can share a connection. */
  readonly short?: boolean | undefined;
  /** Throws if the fields cannot read the columns of the result. */
  readonly check?: ((columns: readonly Column[]) => void) | undefined;
}

/** A column of a result. */
export interface Column {
  /** The name. */
  readonly name: string;
  /** The object identifier of its type, in `pg_type`. */
  readonly dataTypeID: number;
}

/** The texts of a row. */
export type RawRow = readonly (string | null)[];

/** The result of a statement, without its rows. */
export interface Done {
  /** The number of returned or changed rows. */
  readonly count: number;
  /** The columns, if the server described them. */
  readonly columns: readonly Column[];
}

/** Sends statements. */
export interface SqlLink {
  /** Sends a statement; calls `onRow` with each row when it arrives. */
  query(command: Command, onRow?: (row: RawRow) => void): Promise<Done>;
}

/** An open transaction. The caller must end it with `commit` or `rollback`, also after an error. */
export interface SqlTransaction extends SqlLink {
  /** Copies binary rows into `target`, a table with its columns. Returns the number of rows. */
  copyIn(
    target: string,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<number>;
  /** Commits the transaction. */
  commit(): Promise<void>;
  /** Rolls the transaction back, also on a broken connection. Does nothing if it has ended. */
  rollback(): Promise<void>;
}

/** A database session that is reserved for several statements. It is outside a transaction until a statement begins one. */
export interface SqlSession {
  /** Whether other statements of this process use it too, so that a turn must restore its settings. */
  readonly shared: boolean;
  /** The process ID of the server, as the client received it; a pooler invents one. */
  readonly pid: number | undefined;
  /** Runs a turn without statements of other callers in between. Turns wait for each other. */
  exclusively<T>(turn: (link: SqlLink) => Promise<T>): Promise<T>;
  /** Ends the session, also during a statement. None of its settings remain. */
  release(): Promise<void>;
}

/** A connection to a PostgreSQL database, through a client library. */
export interface SqlDriver extends SqlLink {
  /** Whether several transactions can be open at the same time. */
  readonly concurrent: boolean;
  /** The location of the database, for messages: `PostgreSQL at host:5432, database x`. */
  readonly location: string;
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
