import type { ClientSession, Collection, Db, Document } from "mongodb";

/** A command and its collection, as query events and errors describe them. */
export interface ReportedCommand {
  /** The collection; empty for a command on the database. */
  readonly table: string;
  /** The command's name and parts. */
  readonly command: Command;
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

/** A command for those who watch: its first word, and what it is about. */
export interface Command {
  /** `find`, `insert`, … */
  readonly name: string;
  /** Documents of the query language by name; values are recognised by the operator they stand behind. */
  readonly parts?: Readonly<Record<string, unknown>> | undefined;
}

/** What every call of the driver's is given. */
export interface CallOptions {
  /** The transaction it belongs to. */
  readonly session?: ClientSession;
}

/** Somewhere commands can be sent. */
export interface MongoLink {
  /** Sends one command; its errors are this package's. */
  send<T>(call: Call<T>): Promise<T>;
}

/** A transaction. It ends by `commit` or `rollback`, whatever happens in between. */
export interface MongoTransaction extends MongoLink {
  /** Makes it all true. */
  commit(): Promise<void>;
  /** Makes nothing of it. */
  rollback(): Promise<void>;
}

/** A way to a MongoDB. */
export interface MongoDriver extends MongoLink {
  /** What errors and reports call it, as `MongoDB at localhost:27017`. */
  readonly place: string;
  /** The database. */
  readonly db: Db;
  /** Whether it is a replica set or a cluster, which alone have transactions. */
  readonly transactions: boolean;
  /** Errors of whatever is done on `db` itself, as this package's. */
  mapped<T>(work: () => Promise<T>): Promise<T>;
  /** Begins a transaction. */
  begin(): MongoTransaction;
  /** Frees everything. */
  close(): Promise<void>;
}
