import {
  callsUnfinished,
  failedInside,
  rolledBack,
  transactionEnded,
  TransactionError,
} from "../base/errors/mod.ts";
import { hasUnfinished } from "../base/has_unfinished.ts";
import { createCallScope, type RunCall } from "../base/call_scope.ts";
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
import { guardedStream } from "./streaming.ts";

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
      const guard = guarded(inner, call);
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
  guard: Guard,
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

interface Guard {
  readonly executor: Executor;
  /** Runs a call of the transaction. */
  readonly call: RunCall;
  /** Runs a call of the transaction that writes. */
  readonly write: RunCall;
  /** Runs a call of the connection. */
  readonly connectionCall: RunCall;
  nest<T>(fn: () => Promise<T>): Promise<T>;
  /** @throws {TransactionError} if a call has not ended, or was ended by its limit */
  assertFinished(): Promise<void>;
  /** Ends the transaction. Calls that have not ended fail. */
  end(): void;
}

/** Wraps an executor so that it rejects calls while a nested transaction is open, and after its end. */
function guarded(executor: Executor, connectionCall: RunCall): Guard {
  const pending = createCallScope();
  const call: RunCall = (work) => pending.run(() => connectionCall(work));
  let state: "open" | "nested" | "ended" = "open";
  let usesNative = false;
  let aborted: { readonly reason: unknown } | undefined;
  function open(): Executor {
    if (state === "open") return executor;
    throw state === "ended" ? transactionEnded() : new TransactionError(
      "Cannot use a transaction while a nested one is open: use the nested one",
    );
  }
  const whileOpen = (target: Executor): Executor => {
    const opened = (): Executor => {
      open();
      return target;
    };
    return {
      // Async, so that a refusal is a rejected promise, like every other failure of a statement.
      run: async (statement) => await opened().run(statement),
      stream: (statement, batchSize) =>
        guardedStream(
          opened,
          () => opened().stream(statement, batchSize),
          call,
        ),
      transaction: (fn, options) => opened().transaction(fn, options),
      keyIdentities: async (model, fields, keys) =>
        await opened().keyIdentities?.(model, fields, keys),
      mayDiscard: async (model, write) =>
        await opened().mayDiscard?.(model, write) === true,
      native(model, call) {
        usesNative = true;
        return opened().native?.(model, call);
      },
      limited(signal) {
        const limited = opened().limited?.(signal);
        // Some of its statements may have been executed.
        signal.addEventListener("abort", () => {
          aborted ??= { reason: signal.reason };
        });
        return limited && whileOpen(limited);
      },
    };
  };
  return {
    call,
    write: (work) => pending.run(() => connectionCall(work), failedInside),
    connectionCall,
    executor: whileOpen(executor),
    async nest(fn) {
      open();
      state = "nested";
      try {
        return await fn();
      } finally {
        if (state === "nested") state = "open";
      }
    },
    async assertFinished() {
      const isUnfinished = usesNative
        ? await hasUnfinished(pending)
        : pending.size > 0;
      if (isUnfinished) throw callsUnfinished();
      if (aborted === undefined) return;
      throw new TransactionError(
        "Cannot commit: a call of this transaction reached its limit, so the whole transaction was rolled back",
        { cause: aborted.reason },
      );
    },
    end() {
      state = "ended";
      pending.end({
        running: transactionEnded,
        later: transactionEnded,
        isReported: true,
      });
    },
  };
}
