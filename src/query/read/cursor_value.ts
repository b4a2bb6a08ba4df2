import { exactDate, microsecondsOf } from "../../model/exact_date.ts";
import type { FieldType } from "../../model/field.ts";
import { isFloat } from "../../model/value_problem.ts";

/** Bytes as JSON has them. */
export const BASE64: RegExp =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** The numbers that JSON does not keep. */
const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["-0", -0],
]);

/** Returns a value of a row as JSON that {@link fromCursor} reads exactly. */
export function toCursor(type: FieldType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (type.kind === "array" && Array.isArray(value)) {
    return value.map((item) => toCursor(type.item, item));
  }
  if (value instanceof Date) {
    const microseconds = microsecondsOf(value);
    return microseconds === undefined
      ? value.getTime()
      : [value.getTime(), microseconds];
  }
  if (value instanceof Uint8Array) return value.toBase64();
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "number") return value;
  return Object.is(value, -0)
    ? "-0"
    : Number.isFinite(value)
    ? value
    : String(value);
}

/** Returns the value of a row that {@link toCursor} wrote; JSON of another shape as it is, for the checks of the caller. */
export function fromCursor(type: FieldType, json: unknown): unknown {
  if (json === null) return null;
  switch (type.kind) {
    case "array":
      return Array.isArray(json)
        ? json.map((item) => fromCursor(type.item, item))
        : json;
    case "int64":
      return typeof json === "string" && /^-?\d{1,19}$/.test(json)
        ? BigInt(json)
        : json;
    case "date": {
      if (typeof json === "number") return new Date(json);
      const [time, microseconds]: unknown[] = Array.isArray(json) ? json : [];
      return typeof time === "number" && typeof microseconds === "number" &&
          Number.isInteger(microseconds) && microseconds >= 0 &&
          microseconds <= 999
        ? exactDate(time, microseconds)
        : json;
    }
    case "bytes":
      return typeof json === "string" && BASE64.test(json)
        ? Uint8Array.fromBase64(json)
        : json;
    default:
      return isFloat(type) ? NUMBERS.get(json) ?? json : json;
  }
}
