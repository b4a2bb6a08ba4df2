import { AsyncLocalStorage } from "node:async_hooks";
import type {
  Backend,
  Engine,
  OpenOptions,
  SchemaReport,
} from "../engine/engine.ts";
import {
  ConnectionError,
  MigrationError,
  TransactionError,
} from "../base/errors/mod.ts";
import type { MigrationTarget } from "../engine/migrations/mod.ts";
import type { AnyModel } from "../model/types.ts";
import type { Executor } from "../query/statement/executor.ts";
import type { Models } from "../query/read/find.ts";
import { Query } from "../query/query.ts";
import {
  createSession,
  type Session,
  type UnitOfWork,
} from "../query/session/session.ts";
import {
  checkTransaction,
  type TransactionOptions,
} from "../query/statement/transaction_options.ts";
import { UnboundQuery } from "../query/unbound.ts";
import {
  createSessions,
  type SessionOptions,
  type Sessions,
} from "./sessions.ts";
import { byName, modelsOf } from "./models.ts";
import { streamWhere } from "./streaming.ts";
import { inTransaction, type Transaction } from "./transaction.ts";
import type {
  ConnectionParts,
  ConnectOptions,
  DatabaseConnection,
} from "./types.ts";

/**
 * A connection to a database of any engine. `SQLConnection` adds what only SQL
 * has; a third engine's connection is this class.
 */
export class Connection<
  ConnectionModels extends readonly AnyModel[] = readonly AnyModel[],
  B extends Backend = Backend,
> implements DatabaseConnection {
  readonly #open: (config: unknown, options: OpenOptions) => Promise<B>;
  readonly #parts: ConnectionParts<ConnectionModels>;
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>();
  readonly #sessions: Sessions;
  #backend: B | undefined;
  #models: Models = new Map();
  #sessionOptions: TransactionOptions = {};
  #closed = false;
  #connecting = false;

  /** Not connected yet.
   * @param open the engine's way to open a connection
   */
  constructor(
    open: (config: unknown, options: OpenOptions) => Promise<B>,
    parts: ConnectionParts<ConnectionModels> = {},
  ) {
    this.#open = open;
    this.#parts = parts;
    this.#sessions = createSessions(() =>
      createSession(this.#executor, this.#sessionOptions)
    );
  }

  /**
   * Opens the connection and reaches the database: a wrong host or password
   * fails here, within `CONNECT_TIMEOUT`.
   *
   * @param config an entry of `DB_CONFIG`
   * @throws {ConfigError} naming every wrong key
   * @throws {ConnectionError} or `AuthenticationError`, `TimeoutError`
   */
  async connect(
    config: unknown = this.#parts.config,
    options: ConnectOptions = {},
  ): Promise<void> {
    if (this.#backend !== undefined || this.#connecting) {
      throw new ConnectionError(
        "Cannot connect: this connection is open already; close it first",
      );
    }
    checkTransaction(options.sessionOptions ?? {});
    this.#connecting = true;
    try {
      const models = modelsOf(config) ?? options.models ?? this.#parts.models ??
        [];
      this.#models = byName(models);
      this.#backend = await this.#open(config === undefined ? {} : config, {
        source: options.source ?? "Invalid settings",
        models,
        client: this.#parts.client,
        onQuery: options.onQuery,
        logValues: options.logValues,
        allowed: () => void this.backend(),
      });
      this.#closed = false;
    } finally {
      this.#connecting = false;
    }
    this.#sessionOptions = options.sessionOptions ?? {};
    if (this.#parts.session !== undefined) {
      this.#sessions.adopt(this.#parts.session);
    } else if (options.createSession !== false) this.createSession(options);
  }

  /**
   * Makes the tables that are missing and nothing else.
   * @param options with `verify`, those that are there must be what the models say
   */
  async createDb(
    { verify = false }: { verify?: boolean } = {},
  ): Promise<SchemaReport> {
    return await this.backend().createDb({ verify });
  }

  /** Drops the models' tables and the history, never the database, and names them. */
  async dropDb(): Promise<readonly string[]> {
    return await this.backend().dropDb();
  }

  /**
   * What `@alerce/db-plugins/migrate` works with.
   * @throws {MigrationError} where the engine has no migrations
   */
  migrations(): MigrationTarget {
    const target = this.backend().migrations?.();
    if (target !== undefined) return target;
    throw new MigrationError("This engine has no migrations");
  }

  /** Queries on a model. */
  query<M extends AnyModel>(model: M): Query<M>;
  /** Queries that name their model in each call. */
  query(): UnboundQuery;
  query(model?: AnyModel): Query<AnyModel> | UnboundQuery {
    const scope = {
      executor: this.#executor,
      session: () => this.#unitOfWork(),
      models: this.#models,
    };
    return model === undefined
      ? new UnboundQuery(scope)
      : new Query(model, scope);
  }

  /**
   * The session of this place in the program.
   * @throws {SessionError} where there is none
   */
  get session(): Session {
    return this.#unitOfWork();
  }

  /** Begins a session in place of the one that was here. */
  createSession(options: SessionOptions = {}): Session {
    this.backend();
    return this.#sessions.create(options);
  }

  /** Ends the session; twice is fine. */
  endSession(): void {
    this.#sessions.end();
  }

  /**
   * A session of its own for everything `fn` awaits; this is how a request
   * handler gets one. `fn` commits; what it leaves uncommitted is dropped.
   */
  async withSession<T>(fn: (session: Session) => Promise<T>): Promise<T> {
    this.backend();
    return await this.#sessions.within(fn);
  }

  /**
   * Everything `fn` does on `tx` happens or nothing does. Calls on the
   * connection itself inside `fn` are a {@link TransactionError}: they would
   * wait for ever or write outside it.
   *
   * @param options `isolationLevel`, `readOnly`, and `retries` after a deadlock
   * or a serialization failure, for which `fn` must bear being run again
   */
  async transaction<T>(
    fn: (tx: Transaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    const backend = this.backend();
    checkTransaction(options);
    const here = { open: true };
    try {
      return await inTransaction(
        backend,
        this.#models,
        (tx) => this.#inside.run(here, () => fn(tx)),
        options,
      );
    } finally {
      here.open = false;
    }
  }

  /** Frees everything, and what is under way fails; twice is fine. Use afterwards is a {@link ConnectionError}. */
  async close(): Promise<void> {
    const backend = this.#backend;
    if (backend !== undefined) this.backend();
    this.#backend = undefined;
    this.#closed = true;
    this.#sessions.close();
    await backend?.close();
  }

  /** {@link Connection.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #unitOfWork(): UnitOfWork {
    this.backend();
    return this.#sessions.current();
  }

  /** The open connection, for subclasses that add what their engine alone has. */
  protected backend(): B {
    if (this.#inside.getStore()?.open) {
      throw new TransactionError(
        "Cannot use the connection inside its own transaction: use tx, which transaction(…) gave to the function",
      );
    }
    if (this.#backend !== undefined) return this.#backend;
    throw new ConnectionError(
      this.#closed
        ? "Cannot use a connection after it was closed"
        : "Cannot use a connection before connect(…)",
    );
  }

  readonly #executor: Executor = {
    run: async (statement) => await this.backend().run(statement),
    stream: (statement, batchSize) =>
      streamWhere(
        () => void this.backend(),
        () => this.backend().stream(statement, batchSize),
      ),
    transaction: async (fn, options) =>
      await this.backend().transaction(fn, options),
    native: (model) => this.backend().native?.(model),
  };
}

/** A connection of any engine's. */
export function connectionOf(
  engine: Engine,
  parts: ConnectionParts<readonly AnyModel[]>,
): Connection {
  return new Connection(
    (config, options) => engine.open(config, options),
    parts,
  );
}
