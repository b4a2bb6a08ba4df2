import { isPlain } from "../../base/is_plain.ts";
import { nearest } from "../../base/nearest.ts";
import {
  assertRoom,
  type Budget,
  spend,
  spendCondition,
} from "../../base/value_budget.ts";
import { canonical } from "../../model/canonical.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import {
  isFloat,
  isNotFinite,
  typeProblem,
} from "../../model/value_problem.ts";
import {
  all,
  type Comparison,
  type Condition,
  isNull,
  NONE,
  not,
} from "../statement/condition.ts";
import {
  compareBeyondFloat32,
  isBeyondFloat32,
  withinFloat32,
} from "./beyond_float32.ts";
import {
  compileContains,
  compileContainsAny,
  compileIsEmpty,
} from "./compile_items.ts";
import { compilePath } from "./compile_path.ts";
import { compileText } from "./compile_text.ts";
import { filterError, flagOf, notFiniteAdvice, type Target } from "./target.ts";

const COMPARISONS: ReadonlySet<string> = new Set<Comparison>([
  "eq",
  "ne",
  "gt",
  "gte",
  "lt",
  "lte",
]);
const OPERATORS: readonly string[] = [
  ...COMPARISONS,
  "in",
  "notIn",
  "between",
  "isNull",
  "like",
  "ilike",
  "startsWith",
  "endsWith",
  "contains",
  "containsAny",
  "isEmpty",
];

/**
 * Compiles the part of a filter that is about one field.
 *
 * @param budget what the filter may still contain
 * @throws {QueryError} if an operator is unknown or a value does not match the type of the field
 * @throws {LimitError} if the filter contains too much
 */
export function compileField(
  model: AnyModel,
  field: Field,
  value: unknown,
  budget: Budget,
): Condition {
  const target = { model, field, budget };
  spendCondition(budget);
  if (Array.isArray(value)) assertRoom(budget, value.length);
  if (value === null) return isNull(field);
  if (value === undefined) {
    throw filterError(
      target,
      `${field.name} is undefined; omit it, or pass null to match rows without a value`,
    );
  }
  if (Array.isArray(value) && !isWholeArray(field, value)) {
    return compileIn(target, value);
  }
  return isPlain(value)
    ? compileOperators(target, value)
    : compileComparison(target, "eq", value);
}

function compileOperators(
  target: Target,
  operators: Readonly<Record<string, unknown>>,
): Condition {
  const { field } = target;
  if (Object.hasOwn(operators, "path")) return compilePath(target, operators);
  const names = Object.keys(operators);
  if (names.length === 0) {
    throw filterError(
      target,
      `${field.name} has no operator; write { eq: … } or { isNull: true }`,
    );
  }
  return all(
    names.map((name) => compileOperator(target, name, operators[name])),
  );
}

function compileOperator(
  target: Target,
  name: string,
  value: unknown,
): Condition {
  const { model, field, budget } = target;
  spendCondition(budget);
  if (Array.isArray(value)) assertRoom(budget, value.length);
  if (value === undefined) {
    throw filterError(target, `${field.name} ${name} is undefined; omit it`);
  }
  if (isComparison(name)) return compileComparison(target, name, value);
  switch (name) {
    case "in":
      return compileIn(target, value);
    case "notIn":
      return not(compileIn(target, value));
    case "between":
      return compileBetween(target, value);
    case "isNull":
      return flagOf(target, name, value) ? isNull(field) : not(isNull(field));
    case "like":
    case "ilike":
    case "startsWith":
    case "endsWith":
      return compileText(target, name, value);
    case "contains":
      return compileContains(target, value);
    case "containsAny":
      return compileContainsAny(target, value);
    case "isEmpty":
      return compileIsEmpty(target, value);
    default:
      throw filterError(
        { model, field: { name } },
        `${field.name} has no operator "${name}"`,
        nearest(name, OPERATORS),
      );
  }
}

function compileComparison(
  target: Target,
  operator: Comparison,
  value: unknown,
): Condition {
  const { field } = target;
  if (value === null) {
    if (operator === "eq") return isNull(field);
    if (operator === "ne") return not(isNull(field));
    throw filterError(target, `${field.name} ${operator} null matches no row`);
  }
  const { kind } = field.type;
  if (
    operator !== "eq" && operator !== "ne" &&
    (kind === "json" || kind === "array")
  ) {
    throw filterError(
      target,
      `${field.name} has no order; use eq or ne in place of ${operator}`,
    );
  }
  if (isBeyondFloat32(field.type, value)) {
    checkedValue(target, withinFloat32(field.type, value));
    return compareBeyondFloat32(field, operator, value);
  }
  return Object.freeze({
    kind: "compare",
    field,
    operator,
    value: checkedValue(target, value),
  });
}

function compileIn(target: Target, values: unknown): Condition {
  const { field } = target;
  if (!Array.isArray(values)) {
    throw filterError(
      target,
      `in and notIn require an array for ${field.name}`,
    );
  }
  const checked: unknown[] = [];
  for (const value of values) {
    if (value === null) {
      throw filterError(
        target,
        `the values of ${field.name} contain null; write or: [{ ${field.name}: null }, …]`,
      );
    }
    const { type } = field;
    if (isBeyondFloat32(type, value)) {
      checkedValue(target, withinFloat32(type, value));
    } else checked.push(checkedValue(target, value));
  }
  return checked.length === 0
    ? NONE
    : Object.freeze({ kind: "in", field, values: checked });
}

function compileBetween(
  target: Target,
  value: unknown,
): Condition {
  const { field } = target;
  if (!Array.isArray(value) || value.length !== 2) {
    throw filterError(target, `between requires [from, to] for ${field.name}`);
  }
  const [from, to] = value;
  return all([
    compileComparison(target, "gte", from),
    compileComparison(target, "lte", to),
  ]);
}

/** Returns a value in the form of its field. A filter also accepts a decimal string for int64, an infinity for float64, and NaN and infinities where the field keeps them. */
function checkedValue(target: Target, value: unknown): unknown {
  const { field } = target;
  const { type } = field;
  if (
    type.kind === "int64" && typeof value === "string" &&
    /^[+-]?\d{1,19}$/.test(value)
  ) return checkedValue(target, BigInt(value));
  if (
    isNotFinite(value) && isFloat(type) &&
    (field.nan === "keep" ||
      (type.kind === "float64" && !Number.isNaN(value)))
  ) {
    spend(target.budget);
    return value;
  }
  const problem = typeProblem(type, value, target.budget);
  if (problem !== undefined) {
    throw filterError(
      target,
      `${field.name} ${problem}${
        isNotFinite(value) && isFloat(type) ? notFiniteAdvice(field) : ""
      }`,
    );
  }
  return canonical(type, value);
}

/** Whether an array is one value of the field, not a list of values. */
function isWholeArray(field: Field, value: readonly unknown[]): boolean {
  return (field.type.kind === "array" && !value.some(Array.isArray)) ||
    field.type.kind === "json";
}

function isComparison(name: string): name is Comparison {
  return COMPARISONS.has(name);
}
