import type {
  OpenOptions,
  SchemaReport,
  SlowQueryEvent,
} from "../engine/engine.ts";
import type { AnyModel } from "../model/types.ts";
import type { Middleware } from "../query/middleware/middleware.ts";
import type { Query } from "../query/query.ts";
import type { Session } from "../query/session/session.ts";
import type { TransactionOptions } from "../query/statement/transaction_options.ts";
import type { UnboundQuery } from "../query/unbound.ts";
import type { SessionOptions } from "./sessions.ts";
import type { Transaction } from "./transaction.ts";
import type { ConnectionView } from "./connection_view.ts";

/** Options of `connect`. */
export interface ConnectOptions extends SessionOptions {
  /** Whether to create a session (default: true). */
  createSession?: boolean;
  /** The transaction options of session commits. */
  sessionOptions?: TransactionOptions;
  /** The models of the connection; they replace those of the constructor. `MODELS` of the entry replaces both. */
  models?: readonly AnyModel[];
  /** Called after every statement with its text, duration, row count and error. */
  onQuery?: OpenOptions["onQuery"];
  /** Whether events contain the values of statements (default: false). */
  logValues?: boolean;
  /** The duration in milliseconds from which a statement is reported to `onSlowQuery`. */
  slowQuery?: number;
  /** Called after each statement that took `slowQuery` milliseconds or more. */
  onSlowQuery?: (event: SlowQueryEvent) => void;
  /** Whether events of slow statements contain their plan (default: false). The event then arrives after the plan, later than the result of the call. */
  explain?: boolean;
  /** Called when a replica is left out, and when it is in use again. */
  onReplicaChange?: OpenOptions["onReplicaChange"];
  /** Whether calls create spans and metrics of OpenTelemetry (default: false). */
  telemetry?: boolean;
  /** The beginning of messages about invalid settings (default: `Invalid settings`). */
  source?: string;
}

/** Parts of a connection that the caller provides. */
export interface ConnectionParts<Models extends readonly AnyModel[]> {
  /** The models (default: those of ALeRCE). */
  models?: Models;
  /** The settings, for `connect()` without arguments. */
  config?: unknown;
  /** A client of the driver: a `pg` pool, a PGlite or a MongoClient. `close` does not close it. */
  client?: unknown;
  /** Pools of streaming replicas, if `client` is a `pg` pool: reads outside of transactions use them. `close` does not close them. */
  replicas?: readonly unknown[];
  /** A session that `createSession` of another connection returned. */
  session?: Session;
}

/** A connection to a database of any engine. */
export interface DatabaseConnection extends AsyncDisposable {
  /** Opens the connection and checks that the database is reachable. */
  connect(config?: unknown, options?: ConnectOptions): Promise<void>;
  /** Creates missing tables or collections, and changes nothing else. */
  createDb(
    options?: { verify?: boolean; models?: readonly AnyModel[] },
  ): Promise<SchemaReport>;
  /** Drops the tables or collections of the models and the migration history, never the database. */
  dropDb(): Promise<readonly string[]>;
  /** Returns queries on a model. */
  query<M extends AnyModel>(model: M): Query<M>;
  /** Returns queries with the model as an option of each call. */
  query(): UnboundQuery;
  /** The session of the current scope. */
  readonly session: Session;
  /** Creates a session; replaces the one of the current scope. */
  createSession(options?: SessionOptions): Session;
  /** Ends the session, if it exists. */
  endSession(): void;
  /** Runs `fn` with a session of its own. */
  withSession<T>(fn: (session: Session) => Promise<T>): Promise<T>;
  /** Runs `fn` in a transaction: all calls on `tx` take effect, or none. */
  transaction<T>(
    fn: (tx: Transaction) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
  /** Returns a connection whose statements pass through middleware. */
  use(middleware: Middleware): ConnectionView;
  /** Closes the connection, if it is open. */
  close(): Promise<void>;
}
