import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";

/**
 * Refuses what no rows can be taken from.
 *
 * @throws {QueryError} unless it is an array, an iterable or an async iterable
 */
export function checkRows(model: AnyModel, rows: unknown): void {
  const iterable = typeof rows === "object" && rows !== null &&
    (Symbol.iterator in rows || Symbol.asyncIterator in rows);
  if (!iterable) {
    throw new QueryError(
      `Cannot write ${model.name}: rows must be an array, an iterable or an async iterable`,
      { model: model.name, field: "rows" },
    );
  }
}
