import { outcomeOf, SerializationError } from "../base/errors/mod.ts";
import type { Executor } from "../query/statement/executor.ts";

/** The maximum number of retries of a statement, after its first attempt. */
export const STATEMENT_RETRIES = 5;

/**
 * Runs each statement outside of transactions, and again with \`runAgain\` if it
 * conflicted with another transaction: after a deadlock, or because the server's
 * default isolation level is stricter than the statements of this package expect.
 * Bulk writes have a transaction of their own, and retry themselves.
 *
 * @param runAgain runs a statement in a transaction of the level \`read committed\`
 */
export function rerunConflicts(
  run: Executor["run"],
  runAgain: Executor["run"],
): Executor["run"] {
  return async (statement) => {
    try {
      return await run(statement);
    } catch (error) {
      const isBulk = statement.kind === "insert" || statement.kind === "upsert";
      const isRepeatable = error instanceof SerializationError &&
        outcomeOf(error) === "not applied";
      if (isBulk || !isRepeatable) throw error;
      return await runAgain(statement);
    }
  };
}
