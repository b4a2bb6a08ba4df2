import type { ClientSession, Collection, Db, Document } from "mongodb";

/** A command and its collection, as query events and errors describe them. */
export interface ReportedCommand {
  /** The collection; empty for a command on the database. */
  readonly table: string;
  /** The command's name and parts. */
  readonly command: Command;
}

/** The description of a command. */
export interface Command {
  /** `find`, `insert`, … */
  readonly name: string;
  /** Documents of the query language by name; their values follow operators. */
  readonly parts?: Readonly<Record<string, unknown>> | undefined;
}

/** One command to send. */
export interface Call<T> extends ReportedCommand {
  /** Sends it with the driver. */
  readonly work: (
    collection: Collection<Document>,
    options: CallOptions,
  ) => Promise<T>;
  /** The number of rows returned or written. */
  readonly rows: (result: T) => number;
}

/** Options of every call of the driver. */
export interface CallOptions {
  /** The transaction to which the command belongs. */
  readonly session?: ClientSession;
  /** Ends a read that another member than the primary carries out. */
  readonly signal?: AbortSignal;
}

/** Sends commands: a connection, or a transaction on it. */
export interface MongoLink {
  /** Sends one command. Errors of the driver become errors of this package. */
  send<T>(call: Call<T>): Promise<T>;
  /** Returns the link of a cursor. If not defined, this link sends the commands of cursors. */
  cursorLink?(): CursorLink;
  /** Returns this link with commands that the server ends when the signal is aborted. */
  limited?(signal: AbortSignal): MongoLink;
}

/** Sends the commands of one cursor, which share a session. */
export interface CursorLink extends MongoLink {
  /** Ends the session, after the cursor was closed. */
  end(): Promise<void>;
}

/** A transaction. It ends with `commit` or `rollback`. */
export interface MongoTransaction extends MongoLink {
  /** Commits all changes. */
  commit(): Promise<void>;
  /** Discards all changes. */
  rollback(): Promise<void>;
}

/** A connection to a MongoDB database. */
export interface MongoDriver extends MongoLink {
  /** The server's name in errors and reports, such as `MongoDB at localhost:27017`. */
  readonly server: string;
  /** The database. Reads use the primary. */
  readonly db: Db;
  /** The same database with the read preference of the settings. */
  readonly native: Db;
  /** Sends reads that may miss the last writes; undefined if they use the primary. */
  readonly reader: MongoLink | undefined;
  /** Whether the server supports transactions: a replica set or a sharded cluster. */
  readonly transactions: boolean;
  /** Runs work on `db`. Errors of the driver become errors of this package. */
  mapErrors<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Begins a transaction.
   *
   * @param signal ends its commands, but not its commit
   */
  begin(signal?: AbortSignal): MongoTransaction;
  /** Closes the connection and frees its resources. */
  close(): Promise<void>;
}
