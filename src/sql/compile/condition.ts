import type { Field, FieldType } from "../../model/field.ts";
import type { Comparison, Condition } from "../../query/statement/statement.ts";
import { itemsOf } from "../codec/kinds.ts";
import { writeArrayText } from "../codec/value_text.ts";
import {
  floatText,
  writeCoarseIn,
  writeFloat,
  writeMillisecond,
} from "./coarse_comparison.ts";
import {
  type Coarseness,
  coarsenessOf,
  isMillisecond,
} from "./coarse_field.ts";
import {
  columnText,
  type SqlWriter,
  typeText,
  valueText,
} from "./sql_writer.ts";

type Compared = Extract<Condition, { kind: "compare" }>;

const SIGNS: Readonly<Record<Comparison, string>> = {
  eq: "=",
  ne: "<>",
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
};

/**
 * Writes a condition as SQL. The result can be unknown by SQL's three-valued
 * logic, which matches no row either; `not` treats unknown as false.
 */
export function writeCondition(to: SqlWriter, condition: Condition): void {
  switch (condition.kind) {
    case "all":
      to.outline += "true";
      break;
    case "none":
      to.outline += "false";
      break;
    case "compare":
      writeComparison(to, condition);
      break;
    case "in":
      writeIn(to, condition.field, condition.values);
      break;
    case "null":
      to.outline += `${columnText(condition.field)} is null`;
      break;
    case "like":
      writeLike(to, condition);
      break;
    case "contains":
      to.outline += `${columnText(condition.field)} @> `;
      to.value(writeArrayText(itemsOf(condition.field), condition.values));
      break;
    case "keys":
      writeKeys(to, condition.fields, condition.keys);
      break;
    case "and":
    case "or":
      writeTerms(to, condition.terms, ` ${condition.kind} `);
      break;
    case "not":
      writeNot(to, condition.term);
      break;
  }
}

function writeComparison(to: SqlWriter, condition: Compared): void {
  const { field, operator, value, inOrder, rowKey } = condition;
  const coarseness = coarsenessOf(field);
  if (coarseness !== undefined && rowKey === undefined) {
    if (coarseness !== "millisecond") {
      writeFloat(to, field, operator, Number(value), coarseness);
      return;
    }
    if (isMillisecond(value)) {
      writeMillisecond(to, field, operator, value);
      return;
    }
  }
  const sign = operator === "ne" && field.nullable
    ? "is distinct from"
    : SIGNS[operator];
  // Equality is that of the column's own collation, as for its keys.
  const isOrdered = inOrder === true ||
    (operator !== "eq" && operator !== "ne");
  const column = isOrdered ? to.ordered(field) : columnText(field);
  to.outline += `${column} ${sign} `;
  if (
    rowKey !== undefined && coarseness !== undefined &&
    (coarseness !== "millisecond" || isMillisecond(value))
  ) return writePosition(to, field, value, rowKey);
  // PostgreSQL infers the type of a scalar parameter from the column.
  if (isScalar(field.type)) to.value(valueText(field, value));
  else to.castValue(field, value);
}

/** Writes the value that a row has in the column; the given one if the row has another value, or does not exist. */
function writePosition(
  to: SqlWriter,
  field: Field,
  value: unknown,
  rowKey: NonNullable<Compared["rowKey"]>,
): void {
  to.outline += `coalesce((select ${columnText(field)} from ${to.table} where `;
  const own = rowKey.some(([keyField]) => keyField === field);
  writeTerms(
    to,
    [...rowKey, ...own ? [] : [[field, value] as const]].map((
      [field, value],
    ) => ({ kind: "compare", field, operator: "eq", value })),
    " and ",
  );
  to.outline += " limit 1), ";
  to.value(valueText(field, value));
  to.outline += ")";
}

function writeLike(
  to: SqlWriter,
  { field, pattern }: Extract<Condition, { kind: "like" }>,
): void {
  to.collations.assertLike(field);
  to.outline += `${columnText(field)} like `;
  to.value(pattern);
}

function writeTerms(
  to: SqlWriter,
  terms: readonly Condition[],
  separator: string,
): void {
  to.outline += "(";
  for (const [index, term] of terms.entries()) {
    if (index > 0) to.outline += separator;
    writeCondition(to, term);
  }
  to.outline += ")";
}

function writeNot(to: SqlWriter, term: Condition): void {
  if (term.kind === "null") {
    to.outline += `${columnText(term.field)} is not null`;
  } else if (
    term.kind === "in" && !term.field.nullable && isScalar(term.field.type) &&
    coarsenessIn(term.field, term.values) === undefined
  ) {
    to.outline += `${columnText(term.field)} <> all(`;
    to.value(writeArrayText(term.field, term.values));
    to.outline += ")";
  } else {
    to.outline += "(";
    writeCondition(to, term);
    to.outline += ") is not true";
  }
}

/** Scalars are sent as one array. Arrays are sent as an array of texts, because PostgreSQL flattens nested arrays. */
function writeIn(
  to: SqlWriter,
  field: Field,
  values: readonly unknown[],
): void {
  const coarseness = coarsenessIn(field, values);
  if (coarseness !== undefined) {
    writeCoarseIn(to, field, values, coarseness);
  } else if (isScalar(field.type)) {
    to.outline += `${columnText(field)} = any(`;
    to.value(writeArrayText(field, values));
    to.outline += ")";
  } else {
    to.outline += `${columnText(field)} in (select cast(item as ${
      typeText(field)
    }) from unnest(cast(`;
    to.value(writeArrayText(field, values));
    to.outline += " as text[])) as list(item))";
  }
}

/** Keys are sent as one array for each field. */
function writeKeys(
  to: SqlWriter,
  fields: readonly Field[],
  keys: readonly (readonly unknown[])[],
): void {
  const columns = fields.map((field) =>
    isFloat(coarsenessOf(field)) ? floatText(field) : columnText(field)
  );
  to.outline += `(${columns.join(", ")}) in (select * from unnest(`;
  for (const [index, field] of fields.entries()) {
    to.outline += index === 0 ? "cast(" : ", cast(";
    to.value(writeArrayText(field, keys.map((key) => key[index])));
    to.outline += ` as ${typeText(field)}[])`;
  }
  to.outline += "))";
}

/** Returns how a list of values is coarser than the column. */
function coarsenessIn(
  field: Field,
  values: readonly unknown[],
): Coarseness | undefined {
  const coarseness = coarsenessOf(field);
  return coarseness !== "millisecond" || values.some(isMillisecond)
    ? coarseness
    : undefined;
}

function isFloat(coarseness: Coarseness | undefined): boolean {
  return coarseness === "single" || coarseness === "double";
}

function isScalar(type: FieldType): boolean {
  return type.kind !== "array" && type.kind !== "json";
}
