import {
  DbPluginsError,
  messageOf,
  NOTHING_WRITTEN,
  type RowProblem,
  ValidationError,
} from "../../base/errors/mod.ts";
import { ExcessError, namedExcess } from "../../base/value_budget.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { valueProblem } from "../../model/value_problem.ts";

/**
 * Returns the error of work on a row whose getter, `toJSON` method, proxy, or
 * check threw: a `ValidationError` that names the field, or a `LimitError` if a
 * value is too large. Other errors of this package are returned as they are.
 */
export function unreadableRow(
  model: AnyModel,
  row: object,
  index: number,
  error: unknown,
): unknown {
  if (error instanceof DbPluginsError && !(error instanceof ExcessError)) {
    return error;
  }
  const field = model.fields.find((field) => isUnreadable(field, row));
  if (error instanceof ExcessError) {
    return namedExcess(
      error,
      `Cannot write ${model.name}: row ${index}: ${field?.name ?? "the row"}`,
      NOTHING_WRITTEN,
    );
  }
  const problem: RowProblem = {
    index,
    field: field?.name ?? "the row",
    value: undefined,
    reason: `cannot be read: ${messageOf(error)}`,
  };
  return new ValidationError(model.name, [problem], { cause: error });
}

/** Returns a function that does the work of another one, with the errors of {@link unreadableRow}. */
export function withReadableRows<T>(
  model: AnyModel,
  work: (row: object, index: number) => T,
): (row: object, index: number) => T {
  return (row, index) => {
    try {
      return work(row, index);
    } catch (error) {
      throw unreadableRow(model, row, index, error);
    }
  };
}

function isUnreadable(field: Field, row: object): boolean {
  try {
    if (!Object.hasOwn(row, field.name)) field.default?.();
    else valueProblem(field, Reflect.get(row, field.name));
    return false;
  } catch {
    return true;
  }
}
