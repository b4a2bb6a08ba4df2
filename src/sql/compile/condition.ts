import { QueryError } from "../../base/errors/mod.ts";
import type { Field, FieldType } from "../../model/field.ts";
import type { Condition } from "../../query/statement/statement.ts";
import { itemsOf } from "../codec/kinds.ts";
import { isCharacter } from "../codec/column_type.ts";
import { formed, type StoredForm } from "../codec/stored_form.ts";
import { writeArrayText } from "../codec/value_text.ts";
import { comparisonSign } from "./comparison_sign.ts";
import { comparedPair } from "./compared_pair.ts";
import {
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
  const form = operator === "eq" || operator === "ne"
    ? to.form(field)
    : undefined;
  if (coarseness !== undefined && rowKey === undefined) {
    if (coarseness !== "millisecond") {
      if (isRounded(form, [value])) {
        if (operator === "ne") to.outline += "(";
        writeRounded(
          to,
          field,
          [value],
          () => writeFloat(to, field, "eq", Number(value), coarseness),
        );
        if (operator === "ne") to.outline += " is not true)";
      } else writeFloat(to, field, operator, Number(value), coarseness);
      return;
    }
    if (form === undefined && isMillisecond(value)) {
      writeMillisecond(to, field, operator, value);
      return;
    }
  }
  const sign = comparisonSign(field, operator);
  // Equality is that of the column's own collation, as for its keys.
  const isOrdered = inOrder === true ||
    (operator !== "eq" && operator !== "ne");
  assertComparable(field, isOrdered && inOrder !== true);
  const column = isJsonText(field)
    ? `cast(${columnText(field)} as jsonb)`
    : isOrdered
    ? to.ordered(field)
    : columnText(field);
  to.outline += `${column} ${sign} `;
  if (
    rowKey !== undefined && coarseness !== undefined &&
    (coarseness !== "millisecond" || isMillisecond(value))
  ) return writePosition(to, field, value, rowKey);
  // PostgreSQL infers the type of a scalar parameter from the column.
  if (isJsonText(field)) {
    to.outline += `cast($${to.values.push(valueText(field, value))} as jsonb)`;
  } else if (!isScalar(field.type)) to.castValue(field, value);
  else if (form === undefined || form.kind === "trim") {
    to.value(trimmed(form, valueText(field, value)));
  } else {
    to.outline += formed(form, `$${to.values.push(valueText(field, value))}`);
  }
}

/** Whether a column would round some of the numbers. */
function isRounded(form: StoredForm, values: readonly unknown[]): boolean {
  return form?.kind === "round" &&
    values.some((value) => {
      const [, decimals = ""] = /^-?\d+(?:\.(\d+))?$/.exec(String(value)) ??
        ["", "exponent".repeat(9)];
      return decimals.length > form.scale;
    });
}

/** Writes that a column with a scale is one of some numbers: rounded as they would be stored, or as it is read. */
function writeRounded(
  to: SqlWriter,
  field: Field,
  values: readonly unknown[],
  writeAsRead: () => void,
): void {
  to.outline += `(${columnText(field)} = any(`;
  writeList(to, field, values);
  to.outline += ") or ";
  writeAsRead();
  to.outline += ")";
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
  const column = columnText(field);
  to.outline += `${
    isCharacter(field) ? column : `cast(${column} as text)`
  } like `;
  to.value(pattern);
}

/** Whether a column is of type `json`, which PostgreSQL compares only as `jsonb`. */
function isJsonText({ sqlType }: Field): boolean {
  return sqlType !== undefined && /^\s*json\s*$/i.test(sqlType);
}

/** Refuses comparisons for which the type of the column has no operator. */
function assertComparable(field: Field, isOrdered: boolean): void {
  const isXml = /^\s*xml\s*$/i.test(field.sqlType ?? "");
  if (!isXml && !(isOrdered && isJsonText(field))) return;
  throw new QueryError(
    `Cannot filter by ${field.name}: PostgreSQL has no ${
      isXml ? "comparison" : "order"
    } for ${field.sqlType}; use isNull or like, or read the rows and compare them`,
    { field: field.name },
  );
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
    term.kind === "in" && !term.field.nullable &&
    isScalar(term.field.type) && !isJsonText(term.field) &&
    coarsenessIn(term.field, term.values) === undefined
  ) {
    assertComparable(term.field, false);
    to.outline += `${columnText(term.field)} <> all(`;
    writeList(to, term.field, term.values);
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
  const form = to.form(field);
  assertComparable(field, false);
  if (isJsonText(field)) {
    const list = values.map((value) => valueText(field, value));
    to.outline += `cast(${
      columnText(field)
    } as jsonb) in (select cast(item as jsonb) from unnest(`;
    to.texts(list);
    to.outline += ") as list(item))";
  } else if (coarseness !== undefined && isRounded(form, values)) {
    writeRounded(
      to,
      field,
      values,
      () => writeCoarseIn(to, field, values, coarseness),
    );
  } else if (
    coarseness !== undefined &&
    (coarseness !== "millisecond" || form === undefined)
  ) {
    writeCoarseIn(to, field, values, coarseness);
  } else if (isScalar(field.type)) {
    to.outline += `${columnText(field)} = any(`;
    writeList(to, field, values);
    to.outline += ")";
  } else {
    to.outline += `${columnText(field)} in (select cast(item as ${
      typeText(field)
    }) from unnest(cast(`;
    to.value(writeArrayText(field, values));
    to.outline += " as text[])) as list(item))";
  }
}

/** Writes values as an array, in the form in which the column stores them. */
function writeList(
  to: SqlWriter,
  field: Field,
  values: readonly unknown[],
): void {
  const form = to.form(field);
  const texts = values.map((value) => trimmed(form, valueText(field, value)));
  if (form === undefined || form.kind === "trim") {
    to.value(writeArrayText({ type: { kind: "string" } }, texts));
  } else {
    to.outline += `array(select ${formed(form, "item")} from unnest(`;
    to.texts(texts);
    to.outline += ") as list(item))";
  }
}

/** Keys are sent as one array for each field. */
function writeKeys(
  to: SqlWriter,
  fields: readonly Field[],
  keys: readonly (readonly unknown[])[],
): void {
  const pairs = fields.map((field, index) =>
    comparedPair(to, field, columnText(field), `k${index}`)
  );
  to.outline += `(${pairs.map(([column]) => column).join(", ")}) in (select ${
    pairs.map(([, value]) => value).join(", ")
  } from unnest(`;
  for (const [index, field] of fields.entries()) {
    if (index > 0) to.outline += ", ";
    to.texts(keys.map((key) => valueText(field, key[index])));
  }
  to.outline += `) as keys(${
    fields.map((_, index) => `k${index}`).join(", ")
  }))`;
}

/** Returns a text without the blanks after the length of its column. */
function trimmed(form: StoredForm, text: string | null): string | null {
  if (form?.kind !== "trim" || text === null) return text;
  const characters = [...text];
  return characters.slice(form.length).every((character) => character === " ")
    ? characters.slice(0, form.length).join("")
    : text;
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

function isScalar(type: FieldType): boolean {
  return type.kind !== "array" && type.kind !== "json";
}
