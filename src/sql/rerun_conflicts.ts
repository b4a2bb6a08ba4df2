import { outcomeOf, SerializationError } from "../base/errors/mod.ts";
import type { Executor } from "../query/statement/executor.ts";
import type { Outcome, Statement } from "../query/statement/statement.ts";

/** The maximum number of retries of a statement, after its first attempt. */
export const STATEMENT_RETRIES = 5;

/** Runs a statement with `attempt`, and possibly again. */
export type Rerun = <S extends Statement>(
  statement: S,
  attempt: () => Promise<Outcome<S>>,
) => Promise<Outcome<S>>;

/**
 * Runs each statement outside of transactions, and again with `runAgain` if it
 * conflicted with another transaction: after a deadlock, or because the server's
 * default isolation level is stricter than the statements of this package expect.
 * Bulk writes have a transaction of their own, and retry themselves.
 *
 * @param runAgain runs a statement in a transaction of the level `read committed`
 */
export function rerunConflicts(runAgain: Executor["run"]): Rerun {
  return async (statement, attempt) => {
    try {
      return await attempt();
    } catch (error) {
      const isBulk = statement.kind === "insert" || statement.kind === "upsert";
      const isRepeatable = error instanceof SerializationError &&
        outcomeOf(error) === "not applied";
      if (isBulk || !isRepeatable) throw error;
      return await runAgain(statement);
    }
  };
}
