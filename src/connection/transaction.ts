import { TransactionError } from "../base/errors/mod.ts";
import type { AnyModel } from "../model/types.ts";
import type { Executor } from "../query/statement/executor.ts";
import type { Models } from "../query/read/find.ts";
import { Query } from "../query/query.ts";
import { createSession, type UnitOfWork } from "../query/session/session.ts";
import type { TransactionOptions } from "../query/statement/transaction_options.ts";
import { UnboundQuery } from "../query/unbound.ts";
import { guardedStream } from "./streaming.ts";

/**
 * A transaction, as its function receives it. All calls on it take effect
 * together or not at all. When the function ends, rows marked by `update` and
 * `delete` are written.
 */
export interface Transaction {
  /** Returns queries on a model in this transaction. */
  query<M extends AnyModel>(model: M): Query<M>;
  /** Returns queries with the model as an option of each call, in this transaction. */
  query(): UnboundQuery;
  /** Runs `fn` in a nested transaction, which can fail alone; on SQL it is a savepoint. */
  transaction<T>(fn: (tx: Transaction) => Promise<T>): Promise<T>;
}

/** Runs `fn` in a transaction, or inside a transaction in a savepoint. */
export async function inTransaction<T>(
  executor: Executor,
  models: Models,
  fn: (tx: Transaction) => Promise<T>,
  { outer, ...options }: TransactionOptions & {
    /** The unit of work of the outer transaction. */
    readonly outer?: UnitOfWork;
  } = {},
): Promise<T> {
  let session: UnitOfWork | undefined;
  try {
    const result = await executor.transaction(async (inner) => {
      session?.rollback();
      const guard = guarded(inner);
      const marked = session = createSession(guard.executor);
      try {
        const result = await fn(transactionOn(inner, guard, marked, models));
        await marked.flush(guard.executor);
        return result;
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
): Transaction {
  const scope = { executor: guard.executor, session: () => session, models };
  function query<M extends AnyModel>(model: M): Query<M>;
  function query(): UnboundQuery;
  function query(model?: AnyModel): Query<AnyModel> | UnboundQuery {
    return model === undefined
      ? new UnboundQuery(scope)
      : new Query(model, scope);
  }
  return {
    query,
    transaction: (fn) =>
      guard.nest(() => inTransaction(executor, models, fn, { outer: session })),
  };
}

interface Guard {
  readonly executor: Executor;
  nest<T>(fn: () => Promise<T>): Promise<T>;
  end(): void;
}

/** Wraps an executor so that it rejects calls while a nested transaction is open, and after its end. */
function guarded(executor: Executor): Guard {
  let state: "open" | "nested" | "ended" = "open";
  function open(): Executor {
    if (state === "open") return executor;
    throw new TransactionError(
      state === "ended"
        ? "Cannot use a transaction after its function has ended"
        : "Cannot use a transaction while a nested one is open: use the nested one",
    );
  }
  return {
    executor: {
      // Async, so that a refusal is a rejected promise, like every other failure of a statement.
      run: async (statement) => await open().run(statement),
      stream: (statement, batchSize) =>
        guardedStream(open, () => open().stream(statement, batchSize)),
      transaction: (fn, options) => open().transaction(fn, options),
      native: (model) => open().native?.(model),
    },
    async nest(fn) {
      open();
      state = "nested";
      try {
        return await fn();
      } finally {
        if (state === "nested") state = "open";
      }
    },
    end() {
      state = "ended";
    },
  };
}
