import type { Field, FieldType } from "../../model/field.ts";
import { FLOAT32_MAX, float32Problem } from "../../model/float32.ts";
import {
  ALL,
  type Comparison,
  type Condition,
  NONE,
} from "../statement/condition.ts";

/** Whether a value is a finite number that no float32 is near to, or an array with one. No row holds it. */
export function isBeyondFloat32(type: FieldType, value: unknown): boolean {
  if (type.kind === "array") {
    return Array.isArray(value) &&
      value.some((item) => isBeyondFloat32(type.item, item));
  }
  return type.kind === "float32" && typeof value === "number" &&
    Number.isFinite(value) && float32Problem(value) !== undefined;
}

/** Returns an array with 0 in place of the numbers that no float32 is near to, so that its other items can be checked. */
export function withinFloat32(type: FieldType, value: unknown): unknown {
  if (type.kind === "array" && Array.isArray(value)) {
    return value.map((item) => withinFloat32(type.item, item));
  }
  return isBeyondFloat32(type, value) ? 0 : value;
}

/** Compares a field with the true value of such a number: it lies between the next float32 towards zero and the one after that. */
export function compareBeyondFloat32(
  field: Field,
  operator: Comparison,
  given: unknown,
): Condition {
  if (operator === "eq") return NONE;
  if (operator === "ne") return ALL;
  const number = Number(given);
  const value = Math.abs(number) < 1 ? 0 : Math.sign(number) * FLOAT32_MAX;
  const isGreater = operator === "gt" || operator === "gte";
  return Object.freeze({
    kind: "compare",
    field,
    operator: number > 0 ? isGreater ? "gt" : "lte" : isGreater ? "gte" : "lt",
    value,
  });
}
