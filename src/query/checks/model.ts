import { QueryError } from "../../base/errors/mod.ts";
import { valueText } from "../../model/option_shape.ts";

/** Returns whether a value is a model. Checks its properties, because it may come from another copy of this package. */
export function isModel(value: unknown): boolean {
  return typeof value === "object" && value !== null && "table" in value &&
    "fields" in value;
}

/**
 * Checks that a query has a model.
 *
 * @throws {QueryError} if it has none
 */
export function assertModel(model: unknown): void {
  if (isModel(model)) return;
  throw new QueryError(
    model === undefined
      ? "Cannot query without a model: call db.query(Model), or pass model in the options"
      : `Cannot query ${
        valueText(model)
      }: pass the model, like db.query(Exposure)`,
    { field: "model" },
  );
}
