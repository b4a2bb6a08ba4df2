import { QueryError } from "../../base/errors/mod.ts";
import { MAX_LEVELS } from "../../base/max_levels.ts";
import {
  assertRoom,
  type Budget,
  ExcessError,
  namedExcess,
  newBudget,
  spend,
} from "../../base/value_budget.ts";
import type { FieldType } from "../../model/field.ts";
import { typeProblem } from "../../model/value_problem.ts";
import { writeArrayText, writeText } from "./value_text.ts";

/**
 * Writes a value of native SQL as PostgreSQL reads it: an object as JSON, and an
 * array as an array.
 *
 * @param index the position of the parameter, from 0
 * @throws {QueryError} if the value has no exact text
 * @throws {LimitError} if an array or an object contains too much
 */
export function parameterText(value: unknown, index: number): string | null {
  try {
    return Array.isArray(value)
      ? arrayText(value, { index, budget: newBudget(), level: 1 })
      : scalarText(value, index, undefined);
  } catch (error) {
    throw error instanceof ExcessError
      ? namedExcess(
        error,
        `Cannot run SQL: the value of parameter $${index + 1}`,
        "Nothing was sent",
      )
      : error;
  }
}

/** @param budget what an array around the value may still contain */
function scalarText(
  value: unknown,
  index: number,
  budget: Budget | undefined,
): string | null {
  if (budget !== undefined) {
    spend(budget, typeof value === "string" ? value.length : 0);
  }
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case "boolean":
      return writeText({ type: { kind: "boolean" } }, value);
    case "number":
      return writeText({ type: { kind: "float64" } }, value);
    case "bigint":
      return String(value);
    case "string":
      return checked({ kind: "string" }, value, index, budget);
    default:
      return checked(
        value instanceof Date
          ? { kind: "date" }
          : value instanceof Uint8Array
          ? { kind: "bytes" }
          : { kind: "json" },
        value,
        index,
        budget,
      );
  }
}

function checked(
  type: FieldType,
  value: unknown,
  index: number,
  budget: Budget | undefined,
): string {
  const problem = type.kind === "json"
    ? typeProblem(type, value, budget)
    : typeProblem(type, value);
  if (problem === undefined) return writeText({ type }, value);
  throw unsendable(index, problem);
}

/** Where an array is in a parameter. */
interface Place {
  readonly index: number;
  readonly budget: Budget;
  readonly level: number;
}

/** Writes an array; arrays in it are further dimensions. */
function arrayText(
  values: readonly unknown[],
  { index, budget, level }: Place,
): string {
  if (level > MAX_LEVELS) {
    throw unsendable(
      index,
      `is nested deeper than ${MAX_LEVELS} levels, or contains itself`,
    );
  }
  assertRoom(budget, values.length);
  spend(budget);
  if (values.some((value) => Array.isArray(value))) {
    return `{${
      Array.from(values, (value) =>
        Array.isArray(value)
          ? arrayText(value, { index, budget, level: level + 1 })
          : scalarText(value, index, budget) ?? "NULL").join(",")
    }}`;
  }
  return writeArrayText(
    { type: { kind: "string" } },
    Array.from(values, (value) => scalarText(value, index, budget)),
  );
}

function unsendable(index: number, problem: string): QueryError {
  return new QueryError(
    `Cannot run SQL: the value of parameter $${
      index + 1
    } ${problem}. Nothing was sent`,
  );
}
