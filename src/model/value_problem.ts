import { type Budget, spend } from "../base/value_budget.ts";
import { canonical } from "./canonical.ts";
import { expressionText } from "./expression.ts";
import { INFINITE_TIME } from "./exact_date.ts";
import type { Field, FieldType } from "./field.ts";
import { float32Problem } from "./float32.ts";
import { INT16_MAX, INT16_MIN } from "./int16_range.ts";
import { jsonProblem } from "./json_problem.ts";
import { mismatch, textProblem } from "./mismatch.ts";
import { microsecondsProblem } from "./microseconds.ts";

const INT32_MIN = -2147483648;
const INT32_MAX = 2147483647;
const INT64_MIN = -9223372036854775808n;
const INT64_MAX = 9223372036854775807n;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** The earliest time of a PostgreSQL timestamp, 4714-11-24 BC, in milliseconds. */
export const EARLIEST_DATE: number = Date.UTC(-4713, 10, 24);

/** Returns why a value cannot be written to a field, or undefined if it can. */
export function valueProblem(
  field: Field,
  value: unknown,
): string | undefined {
  if (value === null || value === undefined) {
    return field.nullable ? undefined : "is required";
  }
  const expression = expressionText(value);
  if (expression !== undefined) {
    return `cannot be ${expression}, which only updates take`;
  }
  if (isNotFinite(value) && isFloat(field.type)) {
    if (field.nan === "keep") return undefined;
    if (field.nan === "null") {
      return field.nullable
        ? undefined
        : `is ${value} and the field is required`;
    }
    return `is ${value}; to allow that, set meta({ nan: "keep" }) or meta({ nan: "null" }) in the model`;
  }
  return typeProblem(field.type, value) ??
    microsecondsProblem(field, value) ??
    field.refine?.(canonical(field.type, value));
}

/** Whether a field holds floats, which can be NaN. */
export function isFloat(type: FieldType): boolean {
  return type.kind === "float32" || type.kind === "float64";
}

/** Whether a field holds integers. */
export function isInteger({ kind }: FieldType): boolean {
  return kind === "int16" || kind === "int32" || kind === "int64";
}

/** Whether a value is NaN or an infinity. */
export function isNotFinite(value: unknown): boolean {
  return typeof value === "number" && !Number.isFinite(value);
}

/**
 * Returns why a value other than null does not match a type, or undefined if it does.
 *
 * @param budget what a filter may still contain; without it, only each JSON value has limits
 * @throws {LimitError} if a filter or a JSON value contains too much
 */
export function typeProblem(
  type: FieldType,
  value: unknown,
  budget?: Budget,
): string | undefined {
  if (budget !== undefined && type.kind !== "json") {
    spend(budget, lengthOf(value));
  }
  switch (type.kind) {
    case "int16":
      return integerProblem("int16", value, INT16_MIN, INT16_MAX);
    case "int32":
      return integerProblem("int32", value, INT32_MIN, INT32_MAX);
    case "int64":
      return int64Problem(value);
    case "float32":
    case "float64":
      return floatProblem(type.kind, value);
    case "string":
      return typeof value === "string"
        ? textProblem(value)
        : mismatch("a string", value);
    case "boolean":
      return typeof value === "boolean"
        ? undefined
        : mismatch("true or false", value);
    case "date":
      return dateProblem(value);
    case "uuid":
      return typeof value === "string" && UUID.test(value)
        ? undefined
        : mismatch("a UUID", value);
    case "bytes":
      return value instanceof Uint8Array
        ? undefined
        : mismatch("a Uint8Array", value);
    case "json":
      return jsonProblem(value, budget);
    case "enum":
      return typeof value === "string" && type.values.includes(value)
        ? undefined
        : typeof value === "string"
        ? `must be one of ${type.values.join(", ")}, got ${
          JSON.stringify(value.slice(0, 40))
        }`
        : mismatch(`one of ${type.values.join(", ")}`, value);
    case "array":
      return arrayProblem(type, value, budget);
  }
}

function lengthOf(value: unknown): number {
  return typeof value === "string" || value instanceof Uint8Array
    ? value.length
    : 0;
}

function integerProblem(
  kind: "int16" | "int32",
  value: unknown,
  least: number,
  greatest: number,
): string | undefined {
  if (typeof value !== "number" || !Number.isInteger(value)) {
    return mismatch("a whole number", value);
  }
  return value < least || value > greatest
    ? `is outside the range of ${kind} (${least} to ${greatest})`
    : undefined;
}

function int64Problem(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isInteger(value)) {
    return Number.isSafeInteger(value)
      ? undefined
      : "is a number beyond 2^53, which has already lost digits; pass a bigint";
  }
  if (typeof value !== "bigint") return mismatch("a bigint", value);
  return value < INT64_MIN || value > INT64_MAX
    ? "is outside the range of int64 (-2^63 to 2^63 - 1)"
    : undefined;
}

function floatProblem(
  kind: "float32" | "float64",
  value: unknown,
): string | undefined {
  if (typeof value !== "number") return mismatch("a number", value);
  if (!Number.isFinite(value)) return `is ${value}`;
  return kind === "float32" ? float32Problem(value) : undefined;
}

function dateProblem(value: unknown): string | undefined {
  if (!(value instanceof Date)) return mismatch("a Date", value);
  const time = value.getTime();
  if (Number.isNaN(time)) return "is an invalid Date";
  return time < EARLIEST_DATE && time !== -INFINITE_TIME
    ? "is before 4714-11-24 BC"
    : undefined;
}

function arrayProblem(
  type: Extract<FieldType, { kind: "array" }>,
  value: unknown,
  budget: Budget | undefined,
): string | undefined {
  if (!Array.isArray(value)) return mismatch("an array", value);
  for (const [index, item] of value.entries()) {
    if (item === null) {
      if (type.nullableItems) continue;
      return `[${index}] is null`;
    }
    if (isNotFinite(item) && isFloat(type.item)) {
      if (type.keepsNotFinite) continue;
      return `[${index}] is ${item}; to allow that, set meta({ nan: "keep" }) in the model`;
    }
    const problem = typeProblem(type.item, item, budget);
    if (problem !== undefined) return `[${index}] ${problem}`;
  }
  return undefined;
}
