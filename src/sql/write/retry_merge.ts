import { sql } from "../link/kysely.ts";
import { retry } from "../../base/retry.ts";
import type { SqlTransaction } from "../link/link.ts";
import { isDeadlock } from "../link/server_error.ts";
import { send } from "./send.ts";

/** The maximum number of attempts of a merge. */
const ATTEMPTS = 6;
/** The maximum number of attempts after other errors than deadlocks. */
const OTHER_ATTEMPTS = 3;
/** The maximum wait before the first retry, in milliseconds; it doubles with each retry. */
const FIRST_PAUSE = 20;

/** What happens between the attempts of a merge. */
interface MergeRetries {
  /** Called before each retry. */
  readonly onRetry?: (error: unknown) => void;
  /** Whether to retry after an error that is no deadlock. */
  readonly isRetryable?: (error: unknown) => boolean;
}

/**
 * Runs a merge in a savepoint, and retries it after a deadlock. The rollback to
 * the savepoint releases the locks of the merge. Merges write in key order and
 * never deadlock with each other, but a COPY straight into the table writes in
 * the order of its rows.
 */
export function retryMerge<T>(
  tx: SqlTransaction,
  merge: () => Promise<T>,
  { onRetry = () => {}, isRetryable = () => false }: MergeRetries = {},
): Promise<T> {
  return retry(async () => {
    await send(tx, sql`savepoint dbp_merge`);
    const merged = await merge();
    await send(tx, sql`release savepoint dbp_merge`);
    return merged;
  }, {
    attempts: ATTEMPTS,
    isRetryable: (error, attempt) =>
      isDeadlock(error) || (attempt < OTHER_ATTEMPTS && isRetryable(error)),
    wait: (attempt) => FIRST_PAUSE * 2 ** (attempt - 1) * Math.random(),
    async onRetry(error) {
      onRetry(error);
      await send(tx, sql`rollback to savepoint dbp_merge`);
    },
  });
}
