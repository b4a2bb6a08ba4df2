import { sql } from "kysely";
import { retry } from "../../base/retry.ts";
import type { SqlTransaction } from "../link/link.ts";
import { isDeadlock } from "../link/server_error.ts";
import { send } from "./stage.ts";

/** The maximum number of attempts of a merge. */
const ATTEMPTS = 6;
/** The maximum wait before the first retry, in milliseconds; it doubles with each retry. */
const FIRST_PAUSE = 20;

/**
 * Runs a merge in a savepoint, and retries it after a deadlock. The rollback to
 * the savepoint releases the locks of the merge. Merges write in key order and
 * never deadlock with each other, but a COPY straight into the table writes in
 * the order of its rows.
 *
 * @param onDeadlock called before each retry
 */
export function retryMerge<T>(
  tx: SqlTransaction,
  merge: () => Promise<T>,
  onDeadlock: (error: unknown) => void = () => {},
): Promise<T> {
  return retry(async () => {
    await send(tx, sql`savepoint dbp_merge`);
    const merged = await merge();
    await send(tx, sql`release savepoint dbp_merge`);
    return merged;
  }, {
    attempts: ATTEMPTS,
    isRetryable: isDeadlock,
    wait: (attempt) => FIRST_PAUSE * 2 ** (attempt - 1) * Math.random(),
    async onRetry(error) {
      onDeadlock(error);
      await send(tx, sql`rollback to savepoint dbp_merge`);
    },
  });
}
