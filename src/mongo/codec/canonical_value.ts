import type { FieldType } from "../../model/field.ts";
import { EARLIEST_DATE } from "../../model/value_problem.ts";

/**
 * Whether a value can be written as it is: it is of the type, in the one form
 * that rows hold. What is not may still be right, and is looked at more
 * closely.
 */
export function canonicalCheck(type: FieldType): (value: unknown) => boolean {
  switch (type.kind) {
    case "int32":
      return (value) =>
        typeof value === "number" && (value | 0) === value &&
        !Object.is(value, -0);
    case "int64":
      return (value) =>
        typeof value === "bigint" && BigInt.asIntN(64, value) === value;
    case "float32":
      return (value) =>
        typeof value === "number" && Math.fround(value) === value &&
        Number.isFinite(value);
    case "float64":
      return Number.isFinite;
    case "string":
      return isText;
    case "enum": {
      const values = new Set<unknown>(type.values);
      return (value) => values.has(value);
    }
    case "boolean":
      return (value) => typeof value === "boolean";
    case "date":
      return (value) =>
        value instanceof Date && value.getTime() >= EARLIEST_DATE;
    case "uuid":
      return (value) => typeof value === "string" && UUID.test(value);
    case "json":
      return (value) => typeof value === "boolean" || isText(value);
    case "array": {
      const takes = canonicalCheck(type.item);
      const { nullableItems } = type;
      return (value) =>
        Array.isArray(value) &&
        value.findIndex((item) =>
            !(item === null ? nullableItems : takes(item))
          ) < 0;
    }
  }
}

/** As rows hold it, in small letters. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function isText(value: unknown): boolean {
  return typeof value === "string" && value.isWellFormed() &&
    !value.includes("\0");
}
