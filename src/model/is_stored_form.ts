import type { Field } from "./field.ts";

/**
 * Whether a value is valid for a field and in the form that rows hold, by a
 * quick check of the most frequent types. If it returns false, the value may
 * still be valid.
 */
export function isStoredForm(
  { type: { kind }, refine, sqlType }: Field,
  value: unknown,
): boolean {
  if (refine !== undefined) return false;
  switch (kind) {
    case "boolean":
      return typeof value === "boolean";
    case "int16":
      return typeof value === "number" && (value << 16 >> 16) === value;
    case "int32":
      return typeof value === "number" && (value | 0) === value;
    case "int64":
      return typeof value === "bigint" && sqlType === undefined &&
        BigInt.asIntN(64, value) === value;
    case "float64":
      return Number.isFinite(value);
    default:
      return false;
  }
}
