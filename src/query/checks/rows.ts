import { QueryError } from "../../base/errors/mod.ts";
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
