import type { TransactionError } from "./caller_errors.ts";

/** The errors about a server that has no transactions. */
const errors = new WeakSet<object>();

/** Records that a transaction failed because the server has no transactions. Returns the error. */
export function recordNoTransactions(
  error: TransactionError,
): TransactionError {
  errors.add(error);
  return error;
}

/** Whether a transaction failed because the server has no transactions. */
export function hasNoTransactions(error: unknown): boolean {
  return typeof error === "object" && error !== null && errors.has(error);
}
