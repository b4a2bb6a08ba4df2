import {
  appendSentence,
  DbPluginsError,
  outcomeOf,
  withOutcome,
} from "../../../base/errors/mod.ts";
import { isMongoError, writeErrorsOf } from "../../link/mongo_error.ts";
import type { RowStates } from "./row_states.ts";
import type { WriteContext } from "./write_context.ts";

/**
 * The error of a bulk write that failed. Outside a transaction it lists the
 * rows that were written; a transaction is marked as failed instead.
 *
 * @param written the number of rows written before the failure
 */
export function bulkWriteError(
  { scope }: WriteContext,
  error: unknown,
  written: number,
  states: RowStates,
): unknown {
  if (scope === undefined) return states.attachTo(error);
  if (written > 0) scope.failure ??= error;
  return error;
}

/**
 * The error of an update or delete of all matching rows that failed. Outside a
 * transaction, the rows reached before the failure stay changed, and the error
 * reports them.
 *
 * @param atLeast the known number of changed rows; MongoDB does not report those of the failed command
 */
export function partialChangeError(
  { scope }: WriteContext,
  error: unknown,
  change: "changed" | "deleted",
  atLeast: number,
): unknown {
  if (scope !== undefined || !(error instanceof DbPluginsError)) return error;
  if (atLeast === 0 && !mayHaveStarted(error)) return error;
  appendSentence(
    error,
    atLeast > 0
      ? `At least ${atLeast} rows were ${change} before the failure and stay ${change}`
      : `Rows that were ${change} before the failure stay ${change}`,
  );
  appendSentence(error, "Read the rows of the filter to see which");
  return withOutcome(error, "unknown", true);
}

/** Whether the server may have changed rows before the command failed: it was interrupted, or one row was refused. */
function mayHaveStarted(error: DbPluginsError): boolean {
  const { cause } = error;
  return outcomeOf(error) === "unknown" ||
    (cause instanceof Error && isMongoError(cause) &&
      writeErrorsOf(cause).length > 0);
}
