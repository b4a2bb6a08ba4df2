import { ValidationError } from "../base/errors/mod.ts";
import type { AnyModel } from "../model/types.ts";
import { withExtra } from "../query/write/extra_fields.ts";
import { changes, newRow } from "../query/write/values.ts";
import type { WriterCall } from "./handover.ts";
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
  const valid: PlannedRow[] = [];
  const invalid: { row: PlannedRow; error: ValidationError }[] = [];
  for (const planned of plannedRows(write)) {
    const { row, index } = planned;
    const error = rowError(model, call.method, row, index);
    if (error === undefined) valid.push(planned);
    else invalid.push({ row: planned, error });
  }
  return { valid, invalid };
}

/** Returns why the model refuses a row; undefined if it does not. */
export function rowError(
  model: AnyModel,
  method: WriterCall["method"],
  row: object,
  index: number,
): ValidationError | undefined {
  const check = method === "insert" ? newRow : changes;
  try {
    check(
      model,
      typeof row === "object" && row !== null ? withExtra(model, row) : row,
      index,
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return error;
  }
}
