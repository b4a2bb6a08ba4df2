import type { ClientSession, Collection, Db, Document } from "mongodb";

/** One thing to do on a collection. */
export interface Call<T> {
  /** The collection. */
  readonly table: string;
  /** The command as it is told of: a word, and its parts by name. */
  readonly command: Command;
  /** How the driver does it. */
  readonly work: (
    collection: Collection<Document>,
    options: CallOptions,
  ) => Promise<T>;
  /** How many rows came back or were written. */
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
