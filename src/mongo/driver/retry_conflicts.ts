import type { Db } from "mongodb";
import { SerializationError } from "../../base/errors/mod.ts";
import { backoff, retry } from "../../base/retry.ts";
import { outlastOf } from "../../query/statement/outlast.ts";
import {
  retryTransaction,
  type TransactionModes,
} from "../../query/statement/transaction_options.ts";
import { transactionLifetime } from "./transaction_lifetime.ts";

/** Milliseconds between two attempts while another transaction is in the way. */
const PAUSES = backoff(40, 1_000);

/**
 * Runs a transaction, and retries it after a conflict as often as the options
 * allow. A transaction of this package goes on until the server has ended every
 * transaction that was in the way: on MongoDB a writer does not wait for another,
 * and a killed client leaves its transaction for a minute.
 */
export function retryConflicts<T>(
  db: Db,
  modes: TransactionModes,
  signal: AbortSignal | undefined,
  transaction: () => Promise<T>,
): Promise<T> {
  const { retries = 0 } = modes;
  const onWait = outlastOf(modes);
  if (onWait === undefined) return retryTransaction(retries, transaction);
  let first: number | undefined;
  let [waited, longest] = [0, 0];
  return retry(transaction, {
    attempts: Infinity,
    async isRetryable(error, attempt) {
      if (!(error instanceof SerializationError)) return false;
      first ??= performance.now();
      longest = await transactionLifetime(db);
      waited = Math.round(performance.now() - first);
      return attempt <= retries || waited < longest;
    },
    onRetry: () => onWait({ waited, longest }),
    wait: PAUSES,
    signal,
  });
}
