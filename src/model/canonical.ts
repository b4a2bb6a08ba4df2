import { microsecondsOf } from "./exact_date.ts";
import type { FieldType } from "./field.ts";

/**
 * Converts a valid value to the form that rows of every engine hold: a bigint
 * for int64, the nearest float32, a UUID in lower case.
 */
export function canonical(type: FieldType, value: unknown): unknown {
  switch (type.kind) {
    case "int64":
      return typeof value === "number" ? BigInt(value) : value;
    case "float32":
      return typeof value === "number" ? Math.fround(value) : value;
    case "uuid":
      return typeof value === "string" ? value.toLowerCase() : value;
    case "array":
      return Array.isArray(value)
        ? value.map((item) => item === null ? null : canonical(type.item, item))
        : value;
    default:
      return value;
  }
}

/** Returns a text that is equal for two keys if and only if their canonical values are equal. */
export function keyText(values: readonly unknown[]): string {
  return JSON.stringify(
    values.some((value) => value instanceof Date || value instanceof Uint8Array)
      ? values.map(exactText)
      : values,
    (_key, part) =>
      typeof part === "bigint" || typeof part === "number"
        ? String(part)
        : part instanceof Uint8Array
        ? part.toHex()
        : part,
  );
}

/** Returns a value whose JSON is exact; a `Buffer` has one of its own. */
function exactText(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.toHex();
  return value instanceof Date
    ? [value.getTime(), microsecondsOf(value) ?? 0]
    : value;
}
