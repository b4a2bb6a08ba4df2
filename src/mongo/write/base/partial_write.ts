import { DbPluginsError } from "../../../base/errors/mod.ts";
import { isMongoError } from "../../link/mongo_error.ts";
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
  const { cause } = error;
  if (atLeast > 0) {
    error.message +=
      `. At least ${atLeast} rows were ${change} before the failure and stay ${change}`;
  } else if (cause instanceof Error && mayHaveStarted(cause)) {
    error.message +=
      `. Rows that were ${change} before the failure stay ${change}`;
  }
  return error;
}

/** Whether the server may have started the command that failed. */
function mayHaveStarted(error: Error): boolean {
  return isMongoError(error) &&
    !["MongoServerSelectionError", "MongoInvalidArgumentError"]
      .includes(error.name);
}
