import { TransactionError } from "../../../base/errors/mod.ts";

/** A transaction, or a nested transaction that can fail alone. */
export interface TransactionScope {
  /** The error of a statement that failed halfway, so that the transaction cannot be committed. */
  failure: unknown;
  /** The number of calls that have not ended. */
  running: number;
}

/** Creates the scope of a transaction that has just begun. */
export function createScope(): TransactionScope {
  return { failure: undefined, running: 0 };
}

/** Runs a call of a transaction, which must end before the transaction function does. */
export async function runInScope<T>(
  scope: TransactionScope | undefined,
  call: () => Promise<T>,
): Promise<T> {
  if (scope === undefined) return await call();
  refuseFailed(scope);
  scope.running++;
  try {
    return await call();
  } finally {
    scope.running--;
  }
}

/**
 * Refuses to commit a transaction.
 *
 * @throws {TransactionError} if a statement failed halfway, or a call has not ended
 */
export function refuseUnfinished(scope: TransactionScope): void {
  refuseFailed(scope);
  if (scope.running === 0) return;
  throw new TransactionError(
    "Cannot commit this transaction: its function returned while a call in it was still running, so the transaction is rolled back. Await every call inside the transaction function",
  );
}

function refuseFailed({ failure }: TransactionScope): void {
  if (failure === undefined) return;
  throw new TransactionError(
    "Cannot continue this transaction: a statement failed halfway, so the whole transaction will be rolled back",
    { cause: failure },
  );
}
