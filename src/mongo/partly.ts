import { DbPluginsError, TransactionError } from "../errors.ts";
import { countIn } from "./driver_error.ts";
import type { Place, Scope } from "./place.ts";

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
): unknown {
  if (scope === undefined) return withCount(error, written);
  if (written > 0) scope.failed ??= error;
  return error;
}

/** The same error, which also says what was written before it. */
export function withCount(error: unknown, before: number): unknown {
  if (!(error instanceof DbPluginsError)) return error;
  const written = before + countIn(error.cause, "insertedCount");
  if (written > 0) {
    error.message +=
      `. Before that, ${written} rows were written and stay; running it again completes it`;
  }
  return error;
}
