import { QueryError } from "../../base/errors/mod.ts";

/**
 * Checks that a query has a model. Its properties are checked, because it may come
 * from another copy of this package.
 *
 * @throws {QueryError} if it has none
 */
export function assertModel(model: unknown): void {
  if (
    typeof model === "object" && model !== null && "table" in model &&
    "fields" in model
  ) return;
  throw new QueryError(
    model === undefined
      ? "Cannot query without a model: call db.query(Model), or pass model in the options"
      : "Cannot query: the model must come from defineModel",
    { field: "model" },
  );
}
