import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";

/**
 * Returns the value of an option that is a whole number.
 *
 * @throws {QueryError} if it is not a whole number from 0 to `max`
 */
export function wholeNumberOption(
  model: AnyModel,
  name: string,
  value: unknown,
  max: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (value === undefined) return undefined;
  if (
    typeof value === "number" && Number.isSafeInteger(value) && value >= 0 &&
    value <= max
  ) return value;
  const range = max === Number.MAX_SAFE_INTEGER
    ? "a whole number, 0 or greater"
    : `a whole number from 0 to ${max}`;
  throw new QueryError(
    `Cannot query ${model.name}: ${name} must be ${range}`,
    { model: model.name, field: name },
  );
}
