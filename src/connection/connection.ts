import { AsyncLocalStorage } from "node:async_hooks";
import type {
  Backend,
  Engine,
  OpenOptions,
  SchemaReport,
} from "../engine/engine.ts";
import {
  asWrite,
  closedDuringCall,
  connectionClosed,
  ConnectionError,
  MigrationError,
  TransactionError,
  withOutcome,
} from "../base/errors/mod.ts";
import {
  type CallScope,
  createCallScope,
  type RunCall,
} from "../base/call_scope.ts";
import type { MigrationTarget } from "../engine/migrations/mod.ts";
import type { AnyModel, InsertOf, RowOf } from "../model/types.ts";
import { untilAborted } from "../query/limit/limit.ts";
import { withinLimit } from "../query/limit/within_limit.ts";
import type { Middleware } from "../query/middleware/middleware.ts";
import { withMiddleware } from "../query/middleware/with_middleware.ts";
import { isLimited } from "../query/statement/call_options.ts";
import {
  type CallObserver,
  observed,
  type ObservedCall,
} from "../query/statement/call_observer.ts";
import type { Executor } from "../query/statement/executor.ts";
import type { Models } from "../query/statement/models.ts";
import { Query } from "../query/query.ts";
import type { Scope } from "../query/scope.ts";
import {
  createSession,
  type Session,
  type UnitOfWork,
} from "../query/session/session.ts";
import {
  assertTransactionOptions,
  splitLimits,
  type TransactionOptions,
} from "../query/statement/transaction_options.ts";
import { UnboundQuery } from "../query/unbound.ts";
import {
  createSessions,
  type SessionOptions,
  type Sessions,
} from "./sessions.ts";
import { guardedExecutor } from "./guarded_executor.ts";
import { assertOptionNames } from "./option_names.ts";
import { guardedTarget } from "./guarded_target.ts";
import { differentLookupRows } from "./lookup_rows.ts";
import { byName, modelsOf } from "./models.ts";
import { createObservation } from "./observation.ts";
import { inTransaction, type Transaction } from "./transaction.ts";
import type { ConnectionView } from "./connection_view.ts";
import { assertMiddleware, createView } from "./view.ts";
import type {
  ConnectionParts,
  ConnectOptions,
  DatabaseConnection,
} from "./types.ts";

/** Milliseconds for calls to fail when the engine closes its connections: more than an engine itself waits. */
const GRACE_PERIOD = 500;
/** The call of a statement in the engine's own language. */
const NATIVE: ObservedCall = { method: "sql", isRead: true };

/**
 * A connection to a database of any engine. `SQLConnection` and
 * `MongoConnection` add native access; other engines use this class.
 */
export class Connection<
  ConnectionModels extends readonly AnyModel[] = readonly AnyModel[],
  B extends Backend = Backend,
> implements DatabaseConnection {
  readonly #open: (config: unknown, options: OpenOptions) => Promise<B>;
  readonly #parts: ConnectionParts<ConnectionModels>;
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>();
  readonly #sessions: Sessions;
  /** The calls since the connection was opened. */
  #pending: CallScope = this.#createPending();
  #backend: B | undefined;
  #models: Models = new Map();
  #sessionOptions: TransactionOptions = {};
  /** How the first session is created; undefined if it is not. */
  #firstSession: SessionOptions | undefined;
  #observer: CallObserver | undefined;
  /** The scope of queries, until the connection is opened again. */
  #queryScope: Scope | undefined;
  #closed = false;
  #connecting = false;

  /** Creates a connection that is not open yet.
   * @param open opens the connection of the engine
   */
  constructor(
    open: (config: unknown, options: OpenOptions) => Promise<B>,
    parts: ConnectionParts<ConnectionModels> = {},
  ) {
    assertOptionNames("the constructor", parts);
    this.#open = open;
    this.#parts = parts;
    this.#sessions = createSessions(() =>
      createSession(this.#executor, this.#sessionOptions, this.#observer)
    );
  }

  /**
   * Opens the connection and checks that the database is reachable, within
   * `CONNECT_TIMEOUT`.
   *
   * @param config an entry of `DB_CONFIG`
   * @throws {ConfigError} with every wrong key
   * @throws {ConnectionError} if the host is wrong or the server is down
   * @throws {AuthenticationError} if the user or password is wrong
   * @throws {TimeoutError} if the server does not answer in time
   */
  async connect(
    config: unknown = this.#parts.config,
    options: ConnectOptions = {},
  ): Promise<void> {
    if (this.#backend !== undefined || this.#connecting) {
      throw new ConnectionError(
        "Cannot connect: this connection is already open; close it first",
      );
    }
    assertOptionNames("connect", options);
    assertTransactionOptions(options.sessionOptions ?? {});
    this.#connecting = true;
    const pending = this.#pending = this.#createPending();
    try {
      await pending.run(() => this.#openBackend(config, options, pending));
    } finally {
      this.#connecting = false;
    }
    this.#sessionOptions = options.sessionOptions ?? {};
    this.#firstSession = options.createSession === false ? undefined : options;
    if (this.#parts.session !== undefined) {
      this.#sessions.adopt(this.#parts.session);
    } else if (options.createSession !== false) {
      this.#sessions.create(options);
    }
  }

  async #openBackend(
    config: unknown,
    options: ConnectOptions,
    pending: CallScope,
  ): Promise<void> {
    const models = modelsOf(config) ?? options.models ?? this.#parts.models ??
      await this.defaultModels();
    this.#models = byName(models);
    const { observer, onQuery, slowQueries } = await createObservation(
      options,
      () => this.#backend,
    );
    this.#observer = observer;
    this.#queryScope = undefined;
    const backend = await this.#open(config === undefined ? {} : config, {
      source: options.source ?? "Invalid settings",
      models,
      client: this.#parts.client,
      replicas: this.#parts.replicas,
      onQuery,
      slowQueries,
      logValues: options.logValues,
      onReplicaChange: options.onReplicaChange,
      call: (work) => this.#observed(NATIVE, () => this.#call(work)),
    });
    if (pending.ended) return await backend.close();
    this.#backend = backend;
    this.#closed = false;
  }

  /**
   * Creates missing tables or collections, and changes nothing else.
   * @param options `verify`: existing tables must match the models (default:
   * false). `models`: the models of the tables (default: those of the connection)
   * @throws {SchemaError} with every difference, if `verify` is true
   */
  async createDb(
    options: { verify?: boolean; models?: readonly AnyModel[] } = {},
  ): Promise<SchemaReport> {
    assertOptionNames("createDb", options);
    const { verify = false, models } = options;
    return await this.#observed({ method: "createDb" }, () =>
      asWrite(
        () => this.#call(() => this.backend().createDb({ verify, models })),
        "A part may be created: run createDb again, which creates the rest",
      ));
  }

  /** Drops the tables or collections of the models and the migration history, never the database. Returns their names. */
  async dropDb(): Promise<readonly string[]> {
    return await this.#observed({ method: "dropDb" }, () =>
      asWrite(
        () => this.#call(() => this.backend().dropDb()),
        "A part may be dropped: run dropDb again, which drops the rest",
      ));
  }

  /**
   * Returns the target of the functions of `@alerce/db-plugins/migrate`.
   * @throws {MigrationError} if the engine has no migrations
   */
  migrations(): MigrationTarget {
    const target = this.backend().migrations?.();
    if (target !== undefined) {
      const lookupRows = (): Promise<readonly string[]> =>
        differentLookupRows(
          this.#models.values(),
          (model) => this.query(model),
        );
      return guardedTarget({ ...target, lookupRows }, this.#call);
    }
    throw new MigrationError("Cannot migrate: this engine has no migrations");
  }

  /** Returns queries on a model. */
  query<M extends AnyModel>(
    model: M,
  ): Query<M, RowOf<M>, InsertOf<M>, ConnectionModels>;
  /** Returns queries with the model as an option of each call. */
  query(): UnboundQuery<ConnectionModels>;
  query(model?: AnyModel): Query<AnyModel> | UnboundQuery {
    const scope = this.#queryScope ??= this.#scope(
      this.#executor,
      () => this.#unitOfWork(),
    );
    return model === undefined
      ? new UnboundQuery(scope)
      : new Query(model, scope);
  }

  /**
   * The session of the current scope.
   * @throws {SessionError} if there is none
   */
  get session(): Session {
    return this.#unitOfWork();
  }

  /** Creates a session; replaces the one of the current scope. */
  createSession(options: SessionOptions = {}): Session {
    this.backend();
    assertOptionNames("createSession", options);
    return this.#sessions.create(options);
  }

  /** Ends the session, if it exists. */
  endSession(): void {
    this.#sessions.end();
  }

  /**
   * Runs `fn` with a session of its own, for example in a request handler:
   * everything that `fn` awaits uses this session. `fn` must commit; uncommitted
   * changes are dropped.
   * @example
   * ```ts
   * import { connect } from "@alerce/db-plugins";
   * import { AstroObject } from "@alerce/db-plugins/models";
   * import assert from "node:assert/strict";
   *
   * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" }, { useScoped: true });
   * await db.createDb();
   * const [object] = await db.query(AstroObject).getOrCreate({ filterBy: { oid: "ZTF18a" } });
   * const report = await db.withSession(async (session) => {
   *   db.query(AstroObject).update(object, { ndet: 4 });
   *   return await session.commit();
   * });
   * assert.deepEqual(report, { updated: 1, deleted: 0 });
   * ```
   */
  async withSession<T>(fn: (session: Session) => Promise<T>): Promise<T> {
    this.backend();
    return await this.#sessions.within(fn);
  }

  /**
   * Runs `fn` in a transaction: all calls on `tx` take effect, or none.
   *
   * @param options `isolationLevel`, `readOnly`, and `retries` after a deadlock or
   * a serialization failure; a retry calls `fn` again. `signal` and `timeout` limit
   * the whole transaction: when it reaches one, it is rolled back, and later calls
   * on `tx` fail
   * @throws {TransactionError} if `fn` uses the connection itself, which would
   * wait forever or write outside the transaction
   * @example
   * ```ts
   * import { connect } from "@alerce/db-plugins";
   * import { AstroObject } from "@alerce/db-plugins/models";
   * import assert from "node:assert/strict";
   *
   * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
   * await db.createDb();
   * await assert.rejects(db.transaction(async (tx) => {
   *   await tx.query(AstroObject).bulkInsert([{ oid: "ZTF18a" }]);
   *   throw new Error("no");
   * }));
   * assert.equal(await db.query(AstroObject).count(), 0);
   * ```
   */
  async transaction<T>(
    fn: (tx: Transaction<ConnectionModels>) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    return await this.#runTransaction(fn, options);
  }

  async #runTransaction<T>(
    fn: (tx: Transaction<ConnectionModels>) => Promise<T>,
    options: TransactionOptions,
    middleware?: readonly Middleware[],
  ): Promise<T> {
    const transaction = () => this.#transaction(fn, options, middleware);
    return await this.#observed(
      { method: "transaction" },
      () => options?.readOnly === true ? transaction() : asWrite(transaction),
    );
  }

  async #transaction<T>(
    fn: (tx: Transaction<ConnectionModels>) => Promise<T>,
    options: TransactionOptions,
    middleware?: readonly Middleware[],
  ): Promise<T> {
    const backend = this.backend();
    this.assertTransactions();
    assertTransactionOptions(options);
    if (typeof fn !== "function") {
      throw new TransactionError(
        "Cannot begin a transaction: pass a function, like db.transaction(async (tx) => …)",
      );
    }
    const state = { open: true };
    const { run } = this.#pending;
    const { modes, limits } = splitLimits(options);
    const begin = (executor: Executor, signal?: AbortSignal): Promise<T> =>
      inTransaction(
        middleware === undefined
          ? executor
          : withMiddleware(executor, middleware),
        this.#models,
        (tx) => {
          const running = this.#inside.run(state, () => fn(tx));
          return signal === undefined ? running : untilAborted(signal, running);
        },
        run,
        { ...modes, observer: this.#observer },
      );
    try {
      return await run(() =>
        isLimited(limits)
          ? withinLimit({ method: "transaction" }, limits, backend, begin)
          : begin(backend)
      );
    } finally {
      state.open = false;
    }
  }

  /**
   * Returns a connection whose statements pass through middleware, for example
   * through a filter for all of them: see {@link Middleware}. This connection and
   * its other users do not change, and pay nothing.
   * @param middleware called for each statement
   * @throws {QueryError} if it is not a function
   * @example
   * ```ts
   * import { connect, rowFilter } from "@alerce/db-plugins";
   * import { AstroObject } from "@alerce/db-plugins/models";
   * import assert from "node:assert/strict";
   *
   * await using connection = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
   * await connection.createDb();
   * const db = connection.use(rowFilter((model) =>
   *   model.name === AstroObject.name ? { stellar: true } : undefined
   * ));
   * await connection.query(AstroObject).bulkInsert([
   *   { oid: "ZTF18a", stellar: true },
   *   { oid: "ZTF18b", stellar: false },
   * ]);
   * assert.deepEqual(await db.query(AstroObject).distinct("oid"), ["ZTF18a"]);
   * ```
   */
  use(middleware: Middleware): ConnectionView<ConnectionModels> {
    assertMiddleware(middleware);
    return this.#view([middleware]);
  }

  #view(middleware: readonly Middleware[]): ConnectionView<ConnectionModels> {
    const executor = withMiddleware(this.#executor, middleware);
    return createView({
      assertUsable: () => void this.backend(),
      scope: (session) => this.#scope(executor, session),
      sessions: createSessions(() =>
        createSession(executor, this.#sessionOptions, this.#observer)
      ),
      firstSession: () => this.#firstSession,
      transaction: (fn, options = {}) =>
        this.#runTransaction(fn, options, middleware),
      use: (more) => {
        assertMiddleware(more);
        return this.#view([...middleware, more]);
      },
    });
  }

  /**
   * Closes the connection, if it is open. Calls that have not ended fail at once
   * with a {@link ConnectionError}, and so do later calls.
   */
  async close(): Promise<void> {
    const backend = this.#backend;
    if (backend !== undefined) this.backend();
    this.#backend = undefined;
    this.#closed = true;
    const closing = Promise.withResolvers<void>();
    const ended = this.#pending.end({
      running: closedDuringCall,
      later: connectionClosed,
      gracePeriod: GRACE_PERIOD,
      until: closing.promise,
    });
    this.#sessions.close();
    const closed = backend?.close() ?? Promise.resolve();
    closed.then(closing.resolve, closing.resolve);
    await Promise.all([ended, closed]);
  }

  /** {@link Connection.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Returns the models of a connection that is given none, for subclasses that have them. */
  protected defaultModels(): Promise<readonly AnyModel[]> {
    return Promise.resolve([]);
  }

  /** Throws if the server has no transactions, for subclasses whose server may have none. */
  protected assertTransactions(): void {}

  /** Returns the scope of queries. */
  #scope(executor: Executor, session: Scope["session"]): Scope {
    return {
      executor,
      call: this.#watch,
      write: this.#write,
      writeRows: this.#writeRows,
      session,
      observer: this.#observer,
      models: this.#models,
    };
  }

  #createPending(): CallScope {
    return createCallScope(() => void this.backend());
  }

  #unitOfWork(): UnitOfWork {
    this.backend();
    return this.#sessions.current();
  }

  /** Returns the open connection, for subclasses that add native access. */
  protected backend(): B {
    if (this.#inside.getStore()?.open) {
      throw new TransactionError(
        "Cannot use the connection inside its own transaction: use tx, the argument of the function",
      );
    }
    return this.#opened();
  }

  #opened(): B {
    if (this.#backend !== undefined) return this.#backend;
    if (this.#closed) throw connectionClosed();
    throw withOutcome(
      new ConnectionError(
        `Cannot use a connection before connect(…)${
          this.#connecting ? " has ended; is an await missing?" : ""
        }`,
      ),
      "not applied",
    );
  }

  #observed<T>(call: ObservedCall, work: () => Promise<T>): Promise<T> {
    return observed(this.#observer, call, work);
  }

  /** Runs a call, if the connection can be used, and until it is closed. */
  readonly #call: RunCall = (work) =>
    this.#pending.run(() => {
      this.backend();
      return work();
    });

  /** The same for a call that waits only for the database. */
  readonly #watch: RunCall = (work) => this.#pending.watch(work);

  readonly #write: RunCall = (work) => asWrite(() => this.#watch(work));

  readonly #writeRows: RunCall = (work) => asWrite(() => this.#call(work));

  readonly #executor = guardedExecutor(() => this.#opened(), {
    assertUsable: () => void this.backend(),
    isOpen: () => this.#backend !== undefined,
    call: (work) => this.#call(work),
    watch: (work) => this.#watch(work),
  });
}

/** Creates a connection of an engine. */
export function createConnection(
  engine: Engine,
  parts: ConnectionParts<readonly AnyModel[]>,
): Connection {
  return new Connection(
    (config, options) => engine.open(config, options),
    parts,
  );
}
