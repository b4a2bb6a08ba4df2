import { TransactionError } from "../../../base/errors/mod.ts";

/** A transaction, or a nested transaction that can fail alone. */
export interface TransactionScope {
  /** The error of a statement that failed halfway, so that the transaction cannot be committed. */
  failure: unknown;
}

/** Creates the scope of a transaction that has just begun. */
export function createScope(): TransactionScope {
  return { failure: undefined };
}

/**
 * Refuses to continue or commit a transaction.
 *
 * @throws {TransactionError} if a statement failed halfway
 */
export function refuseFailed(scope: TransactionScope | undefined): void {
  if (scope?.failure === undefined) return;
  throw new TransactionError(
    "Cannot continue this transaction: a statement failed halfway, so the whole transaction will be rolled back",
    { cause: scope.failure },
  );
}
