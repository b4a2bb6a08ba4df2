import type { Field } from "../../model/field.ts";
import { isFloat } from "../../model/value_problem.ts";

/** Whether a field may hold NaN, which MongoDB compares with itself only and sorts before all numbers. */
export function holdsNan({ nan, type }: Field): boolean {
  return nan === "keep" && isFloat(type);
}
