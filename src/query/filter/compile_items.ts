import { spend } from "../../base/value_budget.ts";
import { canonical } from "../../model/canonical.ts";
import type { FieldType } from "../../model/field.ts";
import {
  isFloat,
  isNotFinite,
  typeProblem,
} from "../../model/value_problem.ts";
import {
  all,
  type Condition,
  isNull,
  NONE,
  not,
} from "../statement/condition.ts";
import { isBeyondFloat32 } from "./beyond_float32.ts";
import { filterError, flagOf, notFiniteAdvice, type Target } from "./target.ts";

type ArrayType = Extract<FieldType, { kind: "array" }>;

/** Matches arrays that contain a value, or all of several values. */
export function compileContains(target: Target, value: unknown): Condition {
  const { field } = target;
  const given = Array.isArray(value) ? value : [value];
  const type = arrayType(target, "contains");
  const values = checkedItems(target, type, "contains", given);
  // No array holds a number that no float32 is near to.
  if (values.length < given.length) return NONE;
  return Object.freeze({ kind: "contains", field, values });
}

/** Matches arrays that contain at least one of several values. */
export function compileContainsAny(target: Target, given: unknown): Condition {
  const { field } = target;
  const type = arrayType(target, "containsAny");
  if (!Array.isArray(given)) {
    throw filterError(
      target,
      `containsAny requires an array of values for ${field.name}`,
    );
  }
  const values = checkedItems(target, type, "containsAny", given);
  return values.length === 0
    ? NONE
    : Object.freeze({ kind: "containsAny", field, values });
}

/** Matches arrays without items, or those with some; null is neither. */
export function compileIsEmpty(target: Target, value: unknown): Condition {
  const { field } = target;
  arrayType(target, "isEmpty");
  const isEmpty = flagOf(target, "isEmpty", value);
  const empty: Condition = Object.freeze({
    kind: "compare",
    field,
    operator: "eq",
    value: [],
  });
  return isEmpty ? empty : all([not(isNull(field)), not(empty)]);
}

function arrayType(target: Target, operator: string): ArrayType {
  const { field: { name, type } } = target;
  if (type.kind === "array") return type;
  throw filterError(
    target,
    `${operator} requires an array field, and ${name} is ${type.kind}`,
  );
}

/** Returns values in the form of the items of an array, without those that no item can equal. */
function checkedItems(
  target: Target,
  type: ArrayType,
  operator: string,
  given: readonly unknown[],
): readonly unknown[] {
  const { field, budget } = target;
  const values: unknown[] = [];
  for (const item of given) {
    spend(budget);
    if (isBeyondFloat32(type.item, item)) continue;
    const problem = item === null
      ? "cannot be null"
      : type.keepsNotFinite && isNotFinite(item)
      ? undefined
      : typeProblem(type.item, item, budget);
    if (problem !== undefined) {
      throw filterError(
        target,
        `a value of ${operator} for ${field.name} ${problem}${
          isNotFinite(item) && isFloat(type.item) ? notFiniteAdvice(field) : ""
        }`,
      );
    }
    values.push(canonical(type.item, item));
  }
  return values;
}
