import {
  ConstraintError,
  DatabaseError,
  DiscardedRowError,
  LimitError,
  messageOf,
  ValidationError,
} from "../base/errors/mod.ts";
import type { PlannedRow } from "./plan.ts";
import type { AnyModel } from "../model/types.ts";
import type { RejectedRow } from "./types.ts";

/** SQLSTATEs about values of a row: invalid data, a violated constraint, and an error that a trigger raises. */
const OF_ROWS = /^(?:22|23|P0001)/;

/** Whether a write failed because of a row, so that others may be written. */
export function isOfRow(error: unknown): boolean {
  return error instanceof ValidationError ||
    error instanceof ConstraintError || error instanceof LimitError ||
    error instanceof DiscardedRowError ||
    (error instanceof DatabaseError && OF_ROWS.test(error.code ?? ""));
}

/** Returns a row that was refused with an error, and why. */
export function rejectedRow(
  model: AnyModel,
  { row, index }: Pick<PlannedRow, "row" | "index">,
  error: unknown,
): RejectedRow {
  return Object.freeze({
    model: model.name,
    index,
    row,
    problems: problemsOf(error),
  });
}

function problemsOf(error: unknown): RejectedRow["problems"] {
  if (error instanceof ValidationError) {
    return error.rows.map(({ field, reason }) => ({ field, reason }));
  }
  const reason = messageOf(error);
  const fields = error instanceof ConstraintError ? error.fields : [];
  return [{ field: fields.join(", ") || "the row", reason }];
}
