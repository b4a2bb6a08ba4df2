import type { RunCall } from "../base/call_scope.ts";
import { rolledBack } from "../base/errors/mod.ts";
import type { AnyModel, InsertOf, RowOf } from "../model/types.ts";
import {
  type CallObserver,
  observed,
} from "../query/statement/call_observer.ts";
import type { Executor } from "../query/statement/executor.ts";
import type { Models } from "../query/statement/models.ts";
import { Query } from "../query/query.ts";
import { createSession, type UnitOfWork } from "../query/session/session.ts";
import type { TransactionModes } from "../query/statement/transaction_options.ts";
import { UnboundQuery } from "../query/unbound.ts";
import { untilAborted } from "../query/limit/limit.ts";
import { withinLimit } from "../query/limit/within_limit.ts";
import {
  assertCallOptions,
  type CallOptions,
  isLimited,
} from "../query/statement/call_options.ts";
import {
  guardTransaction,
  type TransactionGuard,
} from "./transaction_guard.ts";

/**
 * A transaction, as its function receives it. All calls on it take effect
 * together or not at all. When the function ends, rows marked by `update` and
 * `delete` are written.
 */
export interface Transaction<
  Models extends readonly AnyModel[] = readonly AnyModel[],
> {
  /** Returns queries on a model in this transaction. */
  query<M extends AnyModel>(
    model: M,
  ): Query<M, RowOf<M>, InsertOf<M>, Models>;
  /** Returns queries with the model as an option of each call, in this transaction. */
  query(): UnboundQuery<Models>;
  /**
   * Runs `fn` in a nested transaction, which can fail alone; on SQL it is a savepoint.
   * @param options the limits of the nested transaction
   */
  transaction<T>(
    fn: (tx: Transaction<Models>) => Promise<T>,
    options?: CallOptions,
  ): Promise<T>;
}

/**
 * Runs `fn` in a transaction, or inside a transaction in a savepoint.
 *
 * @param call runs each call of the transaction
 * @throws {TransactionError} if a call has not ended when `fn` ends
 */
export async function inTransaction<T>(
  executor: Executor,
  models: Models,
  fn: (tx: Transaction) => Promise<T>,
  call: RunCall,
  { outer, observer, ...options }: TransactionModes & {
    /** The unit of work of the outer transaction. */
    readonly outer?: UnitOfWork;
    readonly observer?: CallObserver | undefined;
  } = {},
): Promise<T> {
  let session: UnitOfWork | undefined;
  try {
    const result = await executor.transaction(async (inner) => {
      session?.rollback();
      const guard = guardTransaction(inner, call);
      const marked = session = createSession(guard.executor);
      try {
        const result = await fn(
          transactionOn(inner, guard, marked, models, observer),
        );
        await guard.assertFinished();
        await marked.flush(guard.executor);
        return result;
      } catch (error) {
        throw rolledBack(error);
      } finally {
        guard.end();
      }
    }, options);
    if (session !== undefined) outer?.adopt(session.marks);
    return result;
  } catch (error) {
    session?.rollback();
    throw error;
  } finally {
    session?.remove();
  }
}

function transactionOn(
  executor: Executor,
  guard: TransactionGuard,
  session: UnitOfWork,
  models: Models,
  observer: CallObserver | undefined,
): Transaction {
  const { call } = guard;
  const scope = {
    executor: guard.executor,
    call,
    write: guard.write,
    writeRows: guard.write,
    session: () => session,
    observer,
    models,
  };
  function query<M extends AnyModel>(model: M): Query<M>;
  function query(): UnboundQuery;
  function query(model?: AnyModel): Query<AnyModel> | UnboundQuery {
    return model === undefined
      ? new UnboundQuery(scope)
      : new Query(model, scope);
  }
  const nested = <T>(
    to: Executor,
    fn: (tx: Transaction) => Promise<T>,
  ): Promise<T> =>
    inTransaction(to, models, fn, guard.connectionCall, {
      outer: session,
      observer,
    });
  return {
    query,
    transaction: (fn, options) =>
      observed(observer, NESTED, () =>
        call(() => {
          if (options !== undefined) assertCallOptions(NESTED, options);
          return guard.nest(() =>
            options !== undefined && isLimited(options)
              ? withinLimit(
                NESTED,
                options,
                executor,
                (limited, signal) =>
                  nested(limited, (tx) => untilAborted(signal, fn(tx))),
              )
              : nested(executor, fn)
          );
        })),
  };
}

const NESTED = { method: "transaction" };
