import type { OpenOptions, SchemaReport } from "../engine/engine.ts";
import type { AnyModel } from "../model/types.ts";
import type { Query } from "../query/query.ts";
import type { Session } from "../query/session/session.ts";
import type { TransactionOptions } from "../query/statement/transaction_options.ts";
import type { UnboundQuery } from "../query/unbound.ts";
import type { SessionOptions } from "./sessions.ts";
import type { Transaction } from "./transaction.ts";

/** How to connect. */
export interface ConnectOptions extends SessionOptions {
  /** Whether to begin a session at once; true. */
  createSession?: boolean;
  /** How the session's commits run. */
  sessionOptions?: TransactionOptions;
  /** The models of this connection, in place of the constructor's; `MODELS` of the entry itself comes first. */
  models?: readonly AnyModel[];
  /** Told of every statement: text, duration, rows, error. */
  onQuery?: OpenOptions["onQuery"];
  /** Whether events carry values; false. */
  logValues?: boolean;
  /** How errors in the settings begin: `Invalid settings`. */
  source?: string;
}

/** Ready-made parts of a connection. */
export interface ConnectionParts<Models extends readonly AnyModel[]> {
  /** Its models; ALeRCE's by default. */
  models?: Models;
  /** Its settings, for `connect()` without any. */
  config?: unknown;
  /** A driver's client of the caller's own, which `close` leaves open. */
  client?: unknown;
  /** A session of the caller's own, which another connection's `createSession` made. */
  session?: Session;
}

/** What every engine's connection does. */
export interface DatabaseConnection extends AsyncDisposable {
  /** Opens the connection and reaches the database. */
  connect(config?: unknown, options?: ConnectOptions): Promise<void>;
  /** Makes what is missing and nothing else. */
  createDb(options?: { verify?: boolean }): Promise<SchemaReport>;
  /** Drops the models' tables or collections and the history; never the database. */
  dropDb(): Promise<readonly string[]>;
  /** Queries on a model. */
  query<M extends AnyModel>(model: M): Query<M>;
  /** Queries that name their model in each call. */
  query(): UnboundQuery;
  /** The session of this place in the program. */
  readonly session: Session;
  /** Begins a session in place of the one that was here. */
  createSession(options?: SessionOptions): Session;
  /** Ends the session; twice is fine. */
  endSession(): void;
  /** A session of its own for everything `fn` awaits. */
  withSession<T>(fn: (session: Session) => Promise<T>): Promise<T>;
  /** Everything `fn` does on `tx` happens or nothing does. */
  transaction<T>(
    fn: (tx: Transaction) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
  /** Frees everything; twice is fine. */
  close(): Promise<void>;
}
