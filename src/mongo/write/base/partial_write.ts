import { DbPluginsError, TransactionError } from "../../../base/errors/mod.ts";
import { isDrivers } from "../../link/driver_error.ts";
import type { Place, Scope } from "./write_context.ts";
import type { Tally } from "./row_fates.ts";

/** Refuses to go on, or to keep, what a statement left half done. */
export function refuseFailed({ failed }: Scope): void {
  if (failed === undefined) return;
  throw new TransactionError(
    "Cannot go on in this transaction: a statement in it failed when a part of it was written, so nothing of it will be kept",
    { cause: failed },
  );
}

/** The same when its function has ended, for which every call in it must have. */
export function refuseUnfinished(scope: Scope): void {
  refuseFailed(scope);
  if (scope.running === 0) return;
  throw new TransactionError(
    "Cannot keep this transaction: its function ended before a call in it did, so nothing of it is kept. Await every call",
  );
}

/** Does a call of a transaction's, which must end before the transaction may. */
export async function within<T>(
  scope: Scope | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (scope === undefined) return await work();
  refuseFailed(scope);
  scope.running++;
  try {
    return await work();
  } finally {
    scope.running--;
  }
}

/** The error of a statement that had written a number of rows: in a transaction they go with it, outside they stay, which the error says. */
export function failedAfter(
  { scope }: Place,
  error: unknown,
  written: number,
  tally: Tally,
): unknown {
  if (scope === undefined) return tally.told(error);
  if (written > 0) scope.failed ??= error;
  return error;
}

/**
 * The error of a command for every row that matches: outside a transaction
 * those it came to first stay as it left them, which the error says.
 *
 * @param done how many there are at least; of the command that failed MongoDB does not tell
 */
export function stoppedMidway(
  { scope }: Place,
  error: unknown,
  what: "changed" | "deleted",
  done: number,
): unknown {
  if (scope !== undefined || !(error instanceof DbPluginsError)) return error;
  const { cause } = error;
  if (done > 0) {
    error.message +=
      `. At least ${done} rows were ${what} before it failed, and stay ${what}`;
  } else if (cause instanceof Error && mayHaveBegun(cause)) {
    error.message += `. Rows that were ${what} before it failed stay ${what}`;
  }
  return error;
}

/** Whether an error of the driver's may be of a command that had begun. */
function mayHaveBegun(error: Error): boolean {
  return isDrivers(error) &&
    !["MongoServerSelectionError", "MongoInvalidArgumentError"]
      .includes(error.name);
}
