import { QueryError, ValidationError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";

/**
 * Checks that a write can iterate over its rows.
 *
 * @throws {QueryError} if the rows are not an array, an iterable or an async iterable
 */
export function assertRows(model: AnyModel, rows: unknown): void {
  const isIterable = typeof rows === "object" && rows !== null &&
    (Symbol.iterator in rows || Symbol.asyncIterator in rows);
  if (!isIterable) {
    throw new QueryError(
      `Cannot write ${model.name}: rows must be an array, an iterable or an async iterable`,
      { model: model.name, field: "rows" },
    );
  }
}

/**
 * Checks that a row is an object.
 *
 * @throws {ValidationError} if it is not
 */
export function assertRow(model: AnyModel, row: unknown, index: number): void {
  if (typeof row === "object" && row !== null) return;
  throw new ValidationError(model.name, [{
    index,
    field: "the row",
    value: row,
    reason: `must be an object with fields of ${model.name}`,
  }]);
}
