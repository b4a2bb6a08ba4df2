import type { Field, FieldType } from "./field.ts";

const INT32_MIN = -2147483648;
const INT32_MAX = 2147483647;
const INT64_MIN = -9223372036854775808n;
const INT64_MAX = 9223372036854775807n;
const FLOAT32_MAX = 3.4028234663852886e38;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** The earliest instant that PostgreSQL's timestamps hold: 4714-11-24 BC. */
export const EARLIEST_DATE: number = Date.UTC(-4713, 10, 24);

/** Why a value cannot be written to a field, or undefined where it can. */
export function reasonAgainst(
  field: Field,
  value: unknown,
): string | undefined {
  if (value === null || value === undefined) {
    return field.nullable ? undefined : "is required";
  }
  if (isNotFinite(value) && isFloat(field.type)) {
    if (field.nan === "keep") return undefined;
    if (field.nan === "null") {
      return field.nullable
        ? undefined
        : `is ${value} and the field is required`;
    }
    return `is ${value}; say meta({ nan: "keep" }) or meta({ nan: "null" }) in the model where that may happen`;
  }
  return typeReason(field.type, value) ??
    field.refine?.(canonical(field.type, value));
}

/**
 * A value that {@link reasonAgainst} has nothing against, as rows of every
 * engine hold it: bigint for int64, the nearest float32, null for a NaN that
 * the model turns to null.
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

/** What canonical values of one key have in common with another's exactly when the two are equal. */
export function keyText(values: readonly unknown[]): string {
  return JSON.stringify(
    values,
    (_key, part) =>
      typeof part === "bigint" || typeof part === "number"
        ? String(part)
        : part,
  );
}

/** Whether a field holds floats, which may be NaN. */
export function isFloat(type: FieldType): boolean {
  return type.kind === "float32" || type.kind === "float64";
}

/** Whether a value is a number without being a finite one. */
export function isNotFinite(value: unknown): boolean {
  return typeof value === "number" && !Number.isFinite(value);
}

/** Why a value that is not null is not of a type. */
export function typeReason(
  type: FieldType,
  value: unknown,
): string | undefined {
  switch (type.kind) {
    case "int32":
      return int32Reason(value);
    case "int64":
      return int64Reason(value);
    case "float32":
    case "float64":
      return floatReason(type.kind, value);
    case "string":
      return typeof value === "string"
        ? textReason(value)
        : not("a string", value);
    case "boolean":
      return typeof value === "boolean"
        ? undefined
        : not("true or false", value);
    case "date":
      return dateReason(value);
    case "uuid":
      return typeof value === "string" && UUID.test(value)
        ? undefined
        : not("a UUID", value);
    case "json":
      return jsonReason(value);
    case "enum":
      return typeof value === "string" && type.values.includes(value)
        ? undefined
        : typeof value === "string"
        ? `must be one of ${type.values.join(", ")}, not ${
          JSON.stringify(value.slice(0, 40))
        }`
        : not(`one of ${type.values.join(", ")}`, value);
    case "array":
      return arrayReason(type, value);
  }
}

function int32Reason(value: unknown): string | undefined {
  if (typeof value !== "number" || !Number.isInteger(value)) {
    return not("a whole number", value);
  }
  return value < INT32_MIN || value > INT32_MAX
    ? `is beyond an int32 (${INT32_MIN} to ${INT32_MAX})`
    : undefined;
}

function int64Reason(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isInteger(value)) {
    return Number.isSafeInteger(value)
      ? undefined
      : "is a number beyond 2^53, which has lost digits already; pass a bigint";
  }
  if (typeof value !== "bigint") return not("a bigint", value);
  return value < INT64_MIN || value > INT64_MAX
    ? "is beyond an int64 (-2^63 to 2^63 - 1)"
    : undefined;
}

function floatReason(
  kind: "float32" | "float64",
  value: unknown,
): string | undefined {
  if (typeof value !== "number") return not("a number", value);
  if (!Number.isFinite(value)) return `is ${value}`;
  return kind === "float32" && Math.abs(value) > FLOAT32_MAX
    ? "is beyond a float32"
    : undefined;
}

function dateReason(value: unknown): string | undefined {
  if (!(value instanceof Date)) return not("a Date", value);
  const time = value.getTime();
  if (Number.isNaN(time)) return "is an invalid Date";
  return time < EARLIEST_DATE ? "is before 4714-11-24 BC" : undefined;
}

function textReason(value: string): string | undefined {
  if (value.includes("\0")) return "holds a NUL character (U+0000)";
  return value.isWellFormed()
    ? undefined
    : "holds half of a surrogate pair, which is not text";
}

function arrayReason(
  type: Extract<FieldType, { kind: "array" }>,
  value: unknown,
): string | undefined {
  if (!Array.isArray(value)) return not("an array", value);
  for (const [place, item] of value.entries()) {
    if (item === null) {
      if (type.nullableItems) continue;
      return `[${place}] is null`;
    }
    const reason = typeReason(type.item, item);
    if (reason !== undefined) return `[${place}] ${reason}`;
  }
  return undefined;
}

function jsonReason(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return textReason(value);
    case "number":
      return Number.isFinite(value) ? undefined : `holds ${value}`;
    case "boolean":
      return undefined;
    case "object":
      return value === null ? undefined : jsonObjectReason(value);
    default:
      return `holds a ${typeof value}, which JSON has no word for`;
  }
}

function jsonObjectReason(value: object): string | undefined {
  if ("toJSON" in value && typeof value.toJSON === "function") return undefined;
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined && !Array.isArray(value)) continue;
    const reason = textReason(key) ?? jsonReason(inner);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function not(wanted: string, value: unknown): string {
  const found = value === null
    ? "null"
    : Array.isArray(value)
    ? "an array"
    : typeof value === "object"
    ? "an object"
    : typeof value === "number"
    ? `the number ${value}`
    : `a ${typeof value}`;
  return `must be ${wanted}, not ${found}`;
}
