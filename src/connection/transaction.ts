import { TransactionError } from "../base/errors/mod.ts";
import type { AnyModel } from "../model/types.ts";
import type { Executor } from "../query/statement/executor.ts";
import type { Models } from "../query/read/find.ts";
import { Query } from "../query/query.ts";
import { createSession, type UnitOfWork } from "../query/session/session.ts";
import type { TransactionOptions } from "../query/statement/transaction_options.ts";
import { UnboundQuery } from "../query/unbound.ts";
import { streamWhere } from "./streaming.ts";

/**
 * What a transaction's function is given. Everything called on it happens
 * together or not at all; rows marked by `update` and `delete` are written
 * when the function ends.
 */
export interface Transaction {
  /** Queries on a model, inside. */
  query<M extends AnyModel>(model: M): Query<M>;
  /** Queries that name their model in each call, inside. */
  query(): UnboundQuery;
  /** A part that can fail alone: a savepoint on SQL. */
  transaction<T>(fn: (tx: Transaction) => Promise<T>): Promise<T>;
}

/** Runs `fn` in a transaction of an executor: the outermost, or a savepoint. */
export async function inTransaction<T>(
  executor: Executor,
  models: Models,
  fn: (tx: Transaction) => Promise<T>,
  { outer, ...options }: TransactionOptions & {
    /** The unit of work of the transaction around this one. */
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

/** An executor that refuses to work while a savepoint is open inside it, and after its end. */
function guarded(executor: Executor): Guard {
  let state: "open" | "nested" | "ended" = "open";
  function live(): Executor {
    if (state === "open") return executor;
    throw new TransactionError(
      state === "ended"
        ? "Cannot use a transaction after its function has ended"
        : "Cannot use a transaction while one is open inside it: use the inner one",
    );
  }
  return {
    executor: {
      // A refusal is a rejection, like every other failure of a statement.
      run: async (statement) => await live().run(statement),
      stream: (statement, batchSize) =>
        streamWhere(live, () => live().stream(statement, batchSize)),
      transaction: (fn, options) => live().transaction(fn, options),
      native: (model) => live().native?.(model),
    },
    async nest(fn) {
      live();
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
