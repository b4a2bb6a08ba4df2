import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Condition } from "../../query/statement/condition.ts";
import { encodeValue } from "../codec/encode_value.ts";
import { codecOf } from "../codec/field_codec.ts";
import { holdsNan } from "../codec/holds_nan.ts";
import { jsonEquality } from "./json_equality.ts";
import { pathFilter } from "./json_path.ts";
import { keysFilter } from "./keys.ts";
import { likePattern } from "./like.ts";
import { regionFilter } from "./sky.ts";
import { refuseTextOrder } from "./refuse_text_order.ts";
import {
  dependsOn,
  listBytes,
  MAX_LIST_BYTES,
  splitCondition,
} from "./split_condition.ts";

/** Matches no document; the server knows this without reading any. */
const NOTHING: Document = Object.freeze({ _id: Object.freeze({ $in: [] }) });

/**
 * Compiles a condition to filters, each of which fits in one command. Every
 * matching row matches exactly one of them. It is one filter, unless the lists
 * of values are too long.
 *
 * @param model the document model: it maps the condition's fields to columns
 * @param changed the fields that the command changes. A condition on one of them is not split: a changed row could match another part
 */
export function compileFilters(
  model: AnyModel,
  condition: Condition,
  changed?: ReadonlySet<string>,
): readonly Document[] {
  const compilation = { model, listBytes: 0 };
  const filter = compile(condition, compilation);
  if (
    compilation.listBytes <= MAX_LIST_BYTES ||
    (changed !== undefined && dependsOn(condition, changed))
  ) return [filter];
  return splitCondition(condition).map((part) => compileFilter(model, part));
}

/** Compiles a condition to one filter, however long it is. */
export function compileFilter(model: AnyModel, condition: Condition): Document {
  return compile(condition, { model, listBytes: 0 });
}

interface Compilation {
  readonly model: AnyModel;
  /** Bytes of the lists of values that were compiled. */
  listBytes: number;
}

/**
 * MongoDB has two-valued logic: a comparison with null or a missing field is
 * false, and `$nor` makes it true. Values only follow operators that are
 * written here, so that no value can act as an operator.
 */
function compile(condition: Condition, compilation: Compilation): Document {
  switch (condition.kind) {
    case "all":
      return {};
    case "none":
      return NOTHING;
    case "and":
      return condition.terms.length === 0
        ? {}
        : { $and: condition.terms.map((term) => compile(term, compilation)) };
    case "or":
      return condition.terms.length === 0
        ? NOTHING
        : { $or: condition.terms.map((term) => compile(term, compilation)) };
    case "not":
      return negation(condition.term, compilation);
    case "related":
      // An executor replaces relations by keys before it compiles a condition.
      throw new TypeError("The keys of a relation are not known");
    case "sky":
      return regionFilter(compilation.model, condition);
    case "keys": {
      compilation.listBytes += listBytes(condition);
      const fields = condition.fields.map((field) =>
        documentField(field, compilation)
      );
      return keysFilter(fields, condition.keys);
    }
    default: {
      if (condition.kind === "in") {
        compilation.listBytes += listBytes(condition);
      }
      return compileField(
        documentField(condition.field, compilation),
        condition,
        compilation,
      );
    }
  }
}

/** A condition on one field. */
type FieldCondition = Extract<Condition, { readonly field: Field }>;

function compileField(
  field: Field,
  condition: FieldCondition,
  compilation: Compilation,
): Document {
  const { column } = field;
  switch (condition.kind) {
    case "compare":
      return comparison(field, condition, compilation);
    case "in":
      return isIn(field, condition.values);
    case "null":
      return codecOf(field.type).containsNull
        ? { $expr: { $lte: [`$${column}`, null] } }
        : { [column]: { $eq: null } };
    case "like": {
      const { ignoresCase } = condition;
      const pattern = likePattern(condition.pattern, ignoresCase);
      return { [column]: { $regex: pattern, $options: "s" } };
    }
    case "contains":
      return contains(field, condition.values, "$all");
    case "containsAny":
      return contains(field, condition.values, "$in");
    case "path":
      return pathFilter(field, condition);
  }
}

/** The field as the document model has it. */
function documentField(field: Field, { model }: Compilation): Field {
  return model.byName.get(field.name) ?? field;
}

function negation(condition: Condition, compilation: Compilation): Document {
  if (condition.kind === "null") {
    const { column, type } = documentField(condition.field, compilation);
    if (!codecOf(type).containsNull) return { [column]: { $ne: null } };
  }
  return { $nor: [compile(condition, compilation)] };
}

function comparison(
  field: Field,
  { operator, value }: Extract<Condition, { readonly kind: "compare" }>,
  { model }: Compilation,
): Document {
  const { column, type } = field;
  if (operator === "eq") return equals(field, value);
  if (operator === "ne") {
    return codecOf(type).equality === "match"
      ? { [column]: { $ne: encodeValue(type, value) } }
      : { $nor: [equals(field, value)] };
  }
  refuseTextOrder(model, field, "filter");
  const compared = {
    [column]: { [`$${operator}`]: encodeValue(type, value) },
  };
  if (!holdsNan(field)) return compared;
  // NaN is the greatest number, as on PostgreSQL.
  const isNan = { [column]: { $eq: NaN } };
  const isNumber = { [column]: { $gte: -Infinity } };
  const isGreater = operator === "gt" || operator === "gte";
  if (!Number.isNaN(value)) {
    return isGreater ? { $or: [compared, isNan] } : compared;
  }
  switch (operator) {
    case "gt":
      return NOTHING;
    case "gte":
      return isNan;
    case "lt":
      return isNumber;
    case "lte":
      return { $or: [isNumber, isNan] };
  }
}

function equals({ column, type }: Field, value: unknown): Document {
  const path = `$${column}`;
  switch (codecOf(type).equality) {
    case "match":
      return { [column]: { $eq: encodeValue(type, value) } };
    case "whole":
      return { $expr: { $eq: [path, { $literal: encodeValue(type, value) }] } };
    case "json":
      return { $expr: jsonEquality(path, value) };
  }
}

function isIn(field: Field, values: readonly unknown[]): Document {
  if (values.length === 0) return NOTHING;
  const { column, type } = field;
  return codecOf(type).equality === "match"
    ? { [column]: { $in: values.map((value) => encodeValue(type, value)) } }
    : { $or: values.map((value) => equals(field, value)) };
}

/** An array that contains all values, or at least one; without values, any array. */
function contains(
  { column, type }: Field,
  values: readonly unknown[],
  operator: "$all" | "$in",
): Document {
  if (values.length === 0) return { [column]: { $type: "array" } };
  const item = type.kind === "array" ? type.item : type;
  return {
    [column]: { [operator]: values.map((value) => encodeValue(item, value)) },
  };
}
