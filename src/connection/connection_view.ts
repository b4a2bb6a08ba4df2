import type { AnyModel, InsertOf, RowOf } from "../model/types.ts";
import type { Middleware } from "../query/middleware/middleware.ts";
import type { Query } from "../query/query.ts";
import type { Session } from "../query/session/session.ts";
import type { TransactionOptions } from "../query/statement/transaction_options.ts";
import type { UnboundQuery } from "../query/unbound.ts";
import type { SessionOptions } from "./sessions.ts";
import type { Transaction } from "./transaction.ts";

/**
 * A connection whose statements pass through middleware. It shares everything
 * else with the connection that `use` was called on, which does not change, and
 * ends with it. Its sessions are its own.
 */
export interface ConnectionView<
  Models extends readonly AnyModel[] = readonly AnyModel[],
> {
  /** Returns queries on a model. */
  query<M extends AnyModel>(
    model: M,
  ): Query<M, RowOf<M>, InsertOf<M>, Models>;
  /** Returns queries with the model as an option of each call. */
  query(): UnboundQuery<Models>;
  /** The session of the current scope. */
  readonly session: Session;
  /** Creates a session; replaces the one of the current scope. */
  createSession(options?: SessionOptions): Session;
  /** Ends the session, if it exists. */
  endSession(): void;
  /** Runs `fn` with a session of its own. */
  withSession<T>(fn: (session: Session) => Promise<T>): Promise<T>;
  /** Runs `fn` in a transaction: all calls on `tx` take effect, or none. Its statements pass through the middleware too. */
  transaction<T>(
    fn: (tx: Transaction<Models>) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
  /** Returns a connection whose statements pass through this middleware after that of this connection. */
  use(middleware: Middleware): ConnectionView<Models>;
}
