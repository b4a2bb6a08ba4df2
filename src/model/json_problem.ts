import { MAX_LEVELS } from "../base/max_levels.ts";
import { type Budget, newBudget, spend } from "../base/value_budget.ts";
import { expressionText } from "./expression.ts";
import { textProblem } from "./mismatch.ts";

/** The most digits of an integer: PostgreSQL's limit for `numeric`. */
const MAX_DIGITS = 131_072;
/** The most bits of such an integer, and one for its sign. */
const MAX_BITS = Math.ceil(MAX_DIGITS * Math.log2(10)) + 1;

/**
 * Returns why `JSON.stringify` would not write a value exactly, or undefined if
 * it does. JSON may contain bigints, for integers beyond 2^53.
 *
 * @param budget what the value, and whatever shares the budget, may still contain
 * @throws {LimitError} if the value contains more
 */
export function jsonProblem(
  value: unknown,
  budget: Budget = newBudget(),
  level = 0,
): string | undefined {
  spend(budget, typeof value === "string" ? value.length : 0);
  switch (typeof value) {
    case "string":
      return textProblem(value);
    case "number":
      return Number.isFinite(value) ? undefined : `contains ${value}`;
    case "boolean":
      return undefined;
    case "bigint":
      return integerProblem(value, budget);
    case "undefined":
      return "contains undefined, which JSON cannot represent";
    case "object":
      return value === null ? undefined : objectProblem(value, budget, level);
    default:
      return `contains a ${typeof value}, which JSON cannot represent`;
  }
}

function integerProblem(value: bigint, budget: Budget): string | undefined {
  if (BigInt.asIntN(64, value) === value) return undefined;
  if (BigInt.asIntN(MAX_BITS, value) !== value) {
    return `contains an integer of more than ${MAX_DIGITS} digits`;
  }
  spend(budget, value.toString(16).length);
  return undefined;
}

function objectProblem(
  value: object,
  budget: Budget,
  level: number,
): string | undefined {
  const expression = expressionText(value);
  if (expression !== undefined) {
    return `contains ${expression}, which only updates of a whole field take`;
  }
  if (level > MAX_LEVELS) {
    return `is nested deeper than ${MAX_LEVELS} levels, or contains itself`;
  }
  if ("toJSON" in value && typeof value.toJSON === "function") {
    if (value instanceof Date && Number.isNaN(value.getTime())) {
      return "contains an invalid Date";
    }
    const json: unknown = value.toJSON();
    return typeof json === "object" && json !== null
      ? partsProblem(json, budget, level)
      : jsonProblem(json, budget);
  }
  return partsProblem(value, budget, level);
}

function partsProblem(
  value: object,
  budget: Budget,
  level: number,
): string | undefined {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const problem = jsonProblem(value[index], budget, level + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  const opaque = opaqueName(value);
  if (opaque !== undefined) {
    return `contains an object of class ${opaque}, which JSON cannot represent${
      opaque === "Promise" ? "; await it" : ""
    }`;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    budget.text -= key.length;
    const problem = textProblem(key) ?? jsonProblem(inner, budget, level + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Returns the name of a class whose content is not in its properties, such as Map, of which JSON would be `{}`. */
function opaqueName(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return undefined;
  const [, name] = /^\[object (.*)\]$/.exec(
    Object.prototype.toString.call(value),
  ) ?? [];
  return name === "Object" ? undefined : name;
}
