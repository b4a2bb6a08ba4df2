import { QueryError } from "../../base/errors/mod.ts";
import type { FieldType } from "../../model/field.ts";
import { typeProblem } from "../../model/value_problem.ts";
import { writeArrayText, writeText } from "./value_text.ts";

/**
 * Writes a value of native SQL as PostgreSQL reads it: an object as JSON, and an
 * array as an array.
 *
 * @param index the position of the parameter, from 0
 * @throws {QueryError} if the value has no exact text
 */
export function parameterText(value: unknown, index: number): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return arrayText(value, index);
  switch (typeof value) {
    case "boolean":
      return writeText({ type: { kind: "boolean" } }, value);
    case "number":
      return writeText({ type: { kind: "float64" } }, value);
    case "bigint":
      return String(value);
    case "string":
      return checked({ kind: "string" }, value, index);
    default:
      return checked(
        value instanceof Date
          ? { kind: "date" }
          : value instanceof Uint8Array
          ? { kind: "bytes" }
          : { kind: "json" },
        value,
        index,
      );
  }
}

function checked(type: FieldType, value: unknown, index: number): string {
  const problem = typeProblem(type, value);
  if (problem === undefined) return writeText({ type }, value);
  throw new QueryError(
    `Cannot run SQL: the value of parameter $${
      index + 1
    } ${problem}. Nothing was sent`,
  );
}

/** Writes an array; arrays in it are further dimensions. */
function arrayText(values: readonly unknown[], index: number): string {
  if (values.some((value) => Array.isArray(value))) {
    return `{${
      Array.from(values, (value) =>
        Array.isArray(value)
          ? arrayText(value, index)
          : parameterText(value, index) ?? "NULL").join(",")
    }}`;
  }
  return writeArrayText(
    { type: { kind: "string" } },
    Array.from(values, (value) => parameterText(value, index)),
  );
}
