import {
  assertTransactionOptions,
  type TransactionOptions,
} from "../../query/statement/transaction_options.ts";

/** One statement, ready to send: values stand apart from the text. */
export interface Command {
  /** SQL with `$1`, `$2`, … */
  readonly text: string;
  /** The values, as PostgreSQL reads them. */
  readonly values: readonly (string | null)[];
  /** The name it is prepared under, where it is worth preparing. */
  readonly name?: string | undefined;
  /** Whether it is sure to be short: one row by a unique key. Short ones may share a connection. */
  readonly short?: boolean | undefined;
  /** Whether its columns are read rightly, checked once a statement; the types are `pg_type` object identifiers. */
  readonly check?: ((columns: readonly Column[]) => void) | undefined;
}

/** A column of a result, as the server describes it. */
export interface Column {
  /** Its name. */
  readonly name: string;
  /** Its type's object identifier in `pg_type`. */
  readonly dataTypeID: number;
}

/** A row as it arrives. */
export type RawRow = readonly (string | null)[];

/** What came of a statement besides its rows. */
export interface Done {
  /** How many rows it returned or changed. */
  readonly count: number;
  /** Its columns, where the server described them. */
  readonly columns: readonly Column[];
}

/** Somewhere statements can be sent. */
export interface SqlLink {
  /** Sends one statement; `onRow` is given each row as it arrives. */
  query(command: Command, onRow?: (row: RawRow) => void): Promise<Done>;
}

/** A transaction. It ends by `commit` or `rollback`, whatever happens in between. */
export interface SqlTransaction extends SqlLink {
  /** Copies binary rows into `into`, a table with its columns; how many there were. */
  copyIn(
    into: string,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<number>;
  /** Makes it all true. */
  commit(): Promise<void>;
  /** Makes nothing of it, even on a connection that is broken; of one that has ended, nothing more. */
  rollback(): Promise<void>;
}

/** A session of the database that lasts over several statements, outside a transaction unless one of them begins it. */
export interface SqlSession {
  /** Whether other statements of this process have turns on it too: what a turn sets, it must put back. */
  readonly shared: boolean;
  /** The number of the server's process, as the way there called it; a pooler in between makes one up. */
  readonly pid: number | undefined;
  /** Sends statements that nothing else comes between; each turn waits for the one before. */
  together<T>(turn: (link: SqlLink) => Promise<T>): Promise<T>;
  /** Ends it, whatever it is doing; twice is fine. No setting of it is left. */
  release(): Promise<void>;
}

/** A way to a PostgreSQL, by whatever client. */
export interface SqlDriver extends SqlLink {
  /** Whether several transactions can be open at once. */
  readonly concurrent: boolean;
  /** What errors call the place it leads to. */
  readonly place: string;
  /** Begins a transaction. */
  begin(options: TransactionOptions): Promise<SqlTransaction>;
  /** Sets a session of the database apart, in which no transaction is open. */
  reserve(): Promise<SqlSession>;
  /** Frees everything. */
  close(): Promise<void>;
}

/** The SQL that begins a transaction. */
export function beginText(options: TransactionOptions): string {
  const { isolationLevel, readOnly } = options;
  assertTransactionOptions(options);
  const isolation = isolationLevel === undefined
    ? ""
    : ` isolation level ${isolationLevel}`;
  return `begin${isolation}${readOnly === true ? " read only" : ""}`;
}
