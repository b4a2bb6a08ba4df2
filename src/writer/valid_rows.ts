import { ValidationError } from "../base/errors/mod.ts";
import { withExtra } from "../query/write/extra_fields.ts";
import { changes, newRow } from "../query/write/values.ts";
import { type PlannedRow, plannedRows, type PlannedWrite } from "./plan.ts";

/** Separates the rows that the model refuses, without sending any. */
export function validRows(
  write: PlannedWrite,
): {
  readonly valid: readonly PlannedRow[];
  readonly invalid: readonly {
    readonly row: PlannedRow;
    readonly error: ValidationError;
  }[];
} {
  const { model, call } = write;
  const check = call.method === "insert" ? newRow : changes;
  const valid: PlannedRow[] = [];
  const invalid: { row: PlannedRow; error: ValidationError }[] = [];
  for (const planned of plannedRows(write)) {
    const { row, index } = planned;
    try {
      check(
        model,
        typeof row === "object" && row !== null ? withExtra(model, row) : row,
        index,
      );
      valid.push(planned);
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      invalid.push({ row: planned, error });
    }
  }
  return { valid, invalid };
}
