import { QueryError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { canonical } from "../../model/canonical.ts";
import { typeProblem } from "../../model/value_problem.ts";
import { nearest } from "../../base/nearest.ts";
import type { Comparison, Condition } from "../statement/statement.ts";
import { all, isNull, NONE, not } from "../statement/condition.ts";

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
  "contains",
];

/** The condition that a filter states of one field, with every value checked against its type. */
export function compileField(
  model: AnyModel,
  field: Field,
  value: unknown,
): Condition {
  if (value === null) return isNull(field);
  if (value === undefined) {
    throw refused(
      model,
      field,
      "is undefined; leave it out, or say null for rows without a value",
    );
  }
  if (Array.isArray(value) && !isWholeArray(field, value)) {
    return inTerm(model, field, value);
  }
  return isPlain(value)
    ? operatorTerms(model, field, value)
    : comparison(model, field, "eq", value);
}

function operatorTerms(
  model: AnyModel,
  field: Field,
  operators: Readonly<Record<string, unknown>>,
): Condition {
  const names = Object.keys(operators);
  if (names.length === 0) {
    throw refused(
      model,
      field,
      "has no operator: say { eq: … } or { isNull: true }",
    );
  }
  return all(
    names.map((name) => operatorTerm(model, field, name, operators[name])),
  );
}

function operatorTerm(
  model: AnyModel,
  field: Field,
  name: string,
  value: unknown,
): Condition {
  if (value === undefined) {
    throw refused(model, field, `${name} is undefined; leave it out`);
  }
  if (isComparison(name)) return comparison(model, field, name, value);
  switch (name) {
    case "in":
      return inTerm(model, field, value);
    case "notIn":
      return not(inTerm(model, field, value));
    case "between":
      return betweenTerm(model, field, value);
    case "isNull":
      return isNullTerm(model, field, value);
    case "like":
      return likeTerm(model, field, value);
    case "contains":
      return containsTerm(model, field, value);
    default:
      throw new QueryError(
        `Cannot filter ${model.name}: ${field.name} has no operator ${name}`,
        { model: model.name, field: name, nearest: nearest(name, OPERATORS) },
      );
  }
}

function comparison(
  model: AnyModel,
  field: Field,
  operator: Comparison,
  value: unknown,
): Condition {
  if (value === null) {
    if (operator === "eq") return isNull(field);
    if (operator === "ne") {
      return not(isNull(field));
    }
    throw refused(model, field, `${operator} null holds for no row`);
  }
  const { kind } = field.type;
  if (
    operator !== "eq" && operator !== "ne" &&
    (kind === "json" || kind === "array")
  ) throw refused(model, field, "has no order, so it is not more or less");
  return Object.freeze({
    kind: "compare",
    field,
    operator,
    value: checked(model, field, value),
  });
}

function inTerm(model: AnyModel, field: Field, values: unknown): Condition {
  if (!Array.isArray(values)) {
    throw refused(model, field, "in and notIn take a list");
  }
  return values.length === 0 ? NONE : Object.freeze({
    kind: "in",
    field,
    values: values.map((value) => {
      if (value !== null) return checked(model, field, value);
      throw refused(
        model,
        field,
        `null cannot stand in a list: say or: [{ ${field.name}: null }, …]`,
      );
    }),
  });
}

function betweenTerm(model: AnyModel, field: Field, value: unknown): Condition {
  if (!Array.isArray(value) || value.length !== 2) {
    throw refused(model, field, "between takes [from, to]");
  }
  const [from, to] = value;
  return all([
    comparison(model, field, "gte", from),
    comparison(model, field, "lte", to),
  ]);
}

function isNullTerm(model: AnyModel, field: Field, value: unknown): Condition {
  if (typeof value !== "boolean") {
    throw refused(model, field, "isNull takes true or false");
  }
  return value ? isNull(field) : not(isNull(field));
}

function likeTerm(model: AnyModel, field: Field, value: unknown): Condition {
  if (field.type.kind !== "string" && field.type.kind !== "enum") {
    throw refused(model, field, "holds no text, which like needs");
  }
  const reason = typeProblem({ kind: "string" }, value);
  if (reason !== undefined || typeof value !== "string") {
    throw refused(model, field, `like ${reason}`);
  }
  if (/(?<!\\)(?:\\\\)*\\$/.test(value)) {
    throw refused(
      model,
      field,
      "like ends in a lone \\, which escapes nothing",
    );
  }
  return Object.freeze({ kind: "like", field, pattern: value });
}

function containsTerm(
  model: AnyModel,
  field: Field,
  value: unknown,
): Condition {
  const { type } = field;
  if (type.kind !== "array") {
    throw refused(model, field, "holds no array, which contains needs");
  }
  const values = Array.isArray(value) ? value : [value];
  for (const item of values) {
    const reason = item === null
      ? "null cannot be looked for in an array"
      : typeProblem(type.item, item);
    if (reason !== undefined) throw refused(model, field, `contains ${reason}`);
  }
  return Object.freeze({
    kind: "contains",
    field,
    values: values.map((item) => canonical(type.item, item)),
  });
}

/** A value as the field's own type has it. An int64 may also be a decimal string, a float an infinity. */
function checked(model: AnyModel, field: Field, value: unknown): unknown {
  const { type } = field;
  if (
    type.kind === "int64" && typeof value === "string" &&
    /^[+-]?\d{1,19}$/.test(value)
  ) return checked(model, field, BigInt(value));
  if (
    type.kind === "float64" && (value === Infinity || value === -Infinity)
  ) return value;
  const reason = typeProblem(type, value);
  if (reason !== undefined) throw refused(model, field, reason);
  return canonical(type, value);
}

function refused(model: AnyModel, field: Field, reason: string): QueryError {
  return new QueryError(
    `Cannot filter ${model.name}: ${field.name} ${reason}`,
    { model: model.name, field: field.name },
  );
}

function isWholeArray(field: Field, value: readonly unknown[]): boolean {
  return (field.type.kind === "array" && !value.some(Array.isArray)) ||
    field.type.kind === "json";
}

function isComparison(name: string): name is Comparison {
  return COMPARISONS.has(name);
}

/** Whether a value is an object of names and values, and no instance of a class. */
export function isPlain(
  value: unknown,
): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
