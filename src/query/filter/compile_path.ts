import { nearest } from "../../base/nearest.ts";
import { assertRoom, spendCondition } from "../../base/value_budget.ts";
import { canonical } from "../../model/canonical.ts";
import { typeProblem } from "../../model/value_problem.ts";
import {
  all,
  type Condition,
  type JsonPath,
  NONE,
  not,
} from "../statement/condition.ts";
import { filterError, flagOf, type Target } from "./target.ts";

const OPERATORS = ["eq", "ne", "gt", "gte", "lt", "lte", "in", "isNull"];

/** The greatest index of an item: PostgreSQL's limit. */
const MAX_INDEX = 2 ** 31 - 1;
/** The most keys and indexes in a path. */
const MAX_STEPS = 64;

/**
 * Compiles conditions on the value at a path within a JSON field.
 *
 * @throws {QueryError} if the path or a comparison is wrong
 */
export function compilePath(
  target: Target,
  { path: given, ...comparisons }: Readonly<Record<string, unknown>>,
): Condition {
  const { field } = target;
  if (field.type.kind !== "json") {
    throw filterError(
      target,
      `path requires a JSON field, and ${field.name} is ${field.type.kind}`,
    );
  }
  const path = checkedPath(target, given);
  const names = Object.keys(comparisons);
  if (names.length === 0) {
    throw filterError(
      target,
      `the path of ${field.name} has no comparison; write { path: […], eq: … }`,
    );
  }
  return all(
    names.map((name) => compileStep(target, path, name, comparisons[name])),
  );
}

function compileStep(
  target: Target,
  path: JsonPath,
  name: string,
  value: unknown,
): Condition {
  const { model, field, budget } = target;
  spendCondition(budget);
  if (value === undefined) {
    throw filterError(
      target,
      `${field.name} ${name} is undefined; omit it`,
    );
  }
  switch (name) {
    case "eq":
      return equals(target, path, value);
    case "ne":
      return not(equals(target, path, value));
    case "gt":
    case "gte":
    case "lt":
    case "lte":
      return Object.freeze<Condition>({
        kind: "path",
        field,
        path,
        operator: name,
        value: orderedValue(target, name, value),
      });
    case "in":
      return isIn(target, path, value);
    case "isNull": {
      const isNull = equals(target, path, null);
      return flagOf(target, name, value) ? isNull : not(isNull);
    }
    default:
      throw filterError(
        { model, field: { name } },
        `a path of ${field.name} has no operator "${name}"`,
        nearest(name, OPERATORS),
      );
  }
}

function equals(target: Target, path: JsonPath, given: unknown): Condition {
  const { field } = target;
  return Object.freeze<Condition>({
    kind: "path",
    field,
    path,
    operator: "eq",
    value: given === null ? null : checkedValue(target, given),
  });
}

function isIn(target: Target, path: JsonPath, values: unknown): Condition {
  if (!Array.isArray(values)) {
    throw filterError(target, `in requires an array for ${target.field.name}`);
  }
  assertRoom(target.budget, values.length);
  if (values.includes(null)) {
    throw filterError(
      target,
      `the values of ${target.field.name} contain null; write or: [{ ${target.field.name}: { path: […], isNull: true } }, …]`,
    );
  }
  if (values.length === 0) return NONE;
  const terms = values.map((value) => equals(target, path, value));
  return Object.freeze({ kind: "or", terms });
}

function checkedValue(target: Target, value: unknown): unknown {
  const { field, budget } = target;
  const problem = typeProblem(field.type, value, budget);
  if (problem !== undefined) {
    throw filterError(target, `${field.name} ${problem}`);
  }
  return canonical(field.type, value);
}

function orderedValue(
  target: Target,
  operator: string,
  value: unknown,
): string | number | bigint {
  const { name } = target.field;
  if (value === null) {
    throw filterError(target, `${name} ${operator} null matches no row`);
  }
  if (
    typeof value !== "string" && typeof value !== "number" &&
    typeof value !== "bigint"
  ) {
    throw filterError(
      target,
      `${operator} of a path of ${name} must be a number or a text: other JSON values have no order`,
    );
  }
  if (typeof value === "bigint" && BigInt.asIntN(64, value) !== value) {
    throw filterError(
      target,
      `${operator} of a path of ${name} must be a number or an integer of 64 bits`,
    );
  }
  checkedValue(target, value);
  return value;
}

function checkedPath(target: Target, path: unknown): JsonPath {
  const { name } = target.field;
  if (!Array.isArray(path) || path.length === 0) {
    throw filterError(
      target,
      `the path of ${name} must be an array of at least one key or index, like ["seeing", "median"]`,
    );
  }
  if (path.length > MAX_STEPS) {
    throw filterError(
      target,
      `the path of ${name} has more than ${MAX_STEPS} keys and indexes`,
    );
  }
  return Array.from(path, (step) => checkedStep(target, step));
}

function checkedStep(target: Target, step: unknown): string | number {
  const { field: { name }, budget } = target;
  if (typeof step === "string") {
    const problem = typeProblem({ kind: "string" }, step, budget);
    if (problem === undefined) return step;
    throw filterError(target, `a key in the path of ${name} ${problem}`);
  }
  if (
    typeof step === "number" && Number.isInteger(step) && step >= 0 &&
    step <= MAX_INDEX
  ) return step;
  throw filterError(
    target,
    `each part of the path of ${name} must be a key (a text) or an index of an array (a whole number, 0 to ${MAX_INDEX})`,
  );
}
