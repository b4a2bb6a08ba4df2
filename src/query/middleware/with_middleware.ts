import { QueryError } from "../../base/errors/mod.ts";
import type { Executor } from "../statement/executor.ts";
import type {
  FindStatement,
  Outcome,
  Statement,
} from "../statement/statement.ts";
import type { Middleware } from "./middleware.ts";
import { runThrough } from "./run_through.ts";

/** Returns an executor whose statements pass through middleware, also in its transactions and streams. */
export function withMiddleware(
  executor: Executor,
  middleware: readonly Middleware[],
): Executor {
  const { keyIdentities, mayDiscard } = executor;
  return {
    run: <S extends Statement>(statement: S) =>
      // runThrough checks the shape of the outcome.
      runThrough(
        statement,
        middleware,
        (passed) => executor.run(passed),
      ) as Promise<Outcome<S>>,
    stream: (statement, batchSize) =>
      streamThrough(
        statement,
        middleware,
        (passed) => executor.stream(passed, batchSize),
      ),
    transaction: (fn, options) =>
      executor.transaction(
        (inner) => fn(withMiddleware(inner, middleware)),
        options,
      ),
    limited(signal) {
      const limited = executor.limited?.(signal);
      return limited && withMiddleware(limited, middleware);
    },
    reader() {
      const reader = executor.reader?.();
      return reader && withMiddleware(reader, middleware);
    },
    ...keyIdentities && { keyIdentities },
    ...mayDiscard && { mayDiscard },
    // Without updateAlone, every update is a statement of a transaction.
    native() {
      throw new QueryError(
        "Cannot run native queries on a connection with middleware, which does not see them: use the connection itself",
        { field: "kysely" },
      );
    },
  };
}

/** Streams the rows of a statement that passes through middleware, for which it ends with the stream. */
async function* streamThrough(
  statement: FindStatement,
  middleware: readonly Middleware[],
  stream: (statement: FindStatement) => AsyncIterable<Iterable<object>>,
): AsyncGenerator<Iterable<object>> {
  const passed = Promise.withResolvers<FindStatement>();
  const ended = Promise.withResolvers<object[]>();
  const running = runThrough(statement, middleware, (final) => {
    if (final.kind !== "find") {
      return Promise.reject(
        new QueryError(
          `Cannot stream ${statement.model.name} through middleware: it passed the statement ${final.kind} to next, which has no rows`,
          { model: statement.model.name, field: "use" },
        ),
      );
    }
    passed.resolve(final);
    return ended.promise;
  });
  running.catch(passed.reject);
  // Only the middleware may wait for it.
  ended.promise.catch(() => {});
  try {
    yield* stream(await passed.promise);
    ended.resolve([]);
    await running;
  } catch (error) {
    ended.reject(error);
    await running;
    throw error;
  } finally {
    // A loop that is left early ends the stream too.
    ended.resolve([]);
    await running.catch(() => {});
  }
}
