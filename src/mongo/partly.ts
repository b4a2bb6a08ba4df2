import { TransactionError } from "../errors.ts";
import type { Place, Scope } from "./place.ts";
import type { Tally } from "./tally.ts";

/** Refuses to go on, or to keep, what a statement left half done. */
export function refuseFailed({ failed }: Scope): void {
  if (failed === undefined) return;
  throw new TransactionError(
    "Cannot go on in this transaction: a statement in it failed when a part of it was written, so nothing of it will be kept",
    { cause: failed },
  );
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
