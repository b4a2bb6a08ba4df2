import type { Document } from "mongodb";
import type { Field, FieldType } from "../../model/field.ts";
import type { Condition } from "../../query/statement/statement.ts";
import { isFloat } from "../../model/value_problem.ts";
import { valueIn } from "../codec/values.ts";
import { pathOf } from "../codec/projection.ts";
import { jsonEquals } from "./json.ts";
import { keysFilter } from "./keys.ts";
import { likePattern } from "./like.ts";

/** Holds for no document, which the server sees without looking at any. */
const NOTHING: Document = Object.freeze({ _id: Object.freeze({ $in: [] }) });

/**
 * A condition as a filter of MongoDB's, which knows true and false alone: a
 * comparison with null or a missing field is false, `$nor` turns it true.
 * Values only ever stand behind an operator that is written here.
 */
export function filterOf(expr: Condition): Document {
  switch (expr.kind) {
    case "all":
      return {};
    case "none":
      return NOTHING;
    case "compare":
      return comparison(expr);
    case "in":
      return isIn(expr.field, expr.values);
    case "null":
      return isNull(expr.field);
    case "like":
      return {
        [expr.field.column]: {
          $regex: likePattern(expr.pattern),
          $options: "s",
        },
      };
    case "contains":
      return contains(expr.field, expr.values);
    case "keys":
      return keysFilter(expr.fields, expr.keys);
    case "and":
      return expr.terms.length === 0 ? {} : { $and: expr.terms.map(filterOf) };
    case "or":
      return expr.terms.length === 0
        ? NOTHING
        : { $or: expr.terms.map(filterOf) };
    case "not":
      return expr.term.kind === "null" && !holdsNulls(expr.term.field.type)
        ? { [expr.term.field.column]: { $ne: null } }
        : { $nor: [filterOf(expr.term)] };
  }
}

function comparison(
  { field, operator, value }: Extract<Condition, { kind: "compare" }>,
): Document {
  const { column } = field;
  if (operator === "eq") return equals(field, value);
  if (operator === "ne") {
    return isPlain(field.type)
      ? { [column]: { $ne: valueIn(field.type, value) } }
      : { $nor: [equals(field, value)] };
  }
  const compared = { [column]: { [`$${operator}`]: value } };
  if (field.nan !== "keep" || !isFloat(field.type)) return compared;
  // NaN is greater than every number, as on PostgreSQL; MongoDB has it least.
  return operator === "gt" || operator === "gte"
    ? { $or: [compared, { [column]: { $eq: NaN } }] }
    : { $and: [compared, { [column]: { $ne: NaN } }] };
}

function equals(field: Field, value: unknown): Document {
  const { column, type } = field;
  if (type.kind === "json") return { $expr: jsonEquals(pathOf(field), value) };
  return isPlain(type)
    ? { [column]: { $eq: valueIn(type, value) } }
    : { $expr: { $eq: [pathOf(field), { $literal: valueIn(type, value) }] } };
}

function isIn(field: Field, values: readonly unknown[]): Document {
  if (values.length === 0) return NOTHING;
  return isPlain(field.type)
    ? {
      [field.column]: {
        $in: values.map((value) => valueIn(field.type, value)),
      },
    }
    : { $or: values.map((value) => equals(field, value)) };
}

function isNull(field: Field): Document {
  return holdsNulls(field.type)
    ? { $expr: { $lte: [pathOf(field), null] } }
    : { [field.column]: { $eq: null } };
}

/** All of the values; of none, every array does. */
function contains(
  { column, type }: Field,
  values: readonly unknown[],
): Document {
  if (values.length === 0) return { [column]: { $type: "array" } };
  const item = type.kind === "array" ? type.item : type;
  return { [column]: { $all: values.map((value) => valueIn(item, value)) } };
}

/** Whether `$eq` with a value of the type holds for that value alone: with an array's item it holds for the array too. */
function isPlain(type: FieldType): boolean {
  if (type.kind === "json") return false;
  return type.kind !== "array" ||
    (type.item.kind !== "array" && type.item.kind !== "json");
}

/** Whether a value that is not null may hold null, which `$eq: null` would find. */
function holdsNulls(type: FieldType): boolean {
  return type.kind === "json" || (type.kind === "array" && type.nullableItems);
}
