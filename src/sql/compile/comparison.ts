import type { Field } from "../../model/field.ts";
import type { Condition } from "../../query/statement/condition.ts";
import { formed, type StoredForm } from "../codec/stored_form.ts";
import { writeArrayText } from "../codec/value_text.ts";
import { writeCoarse, writeCoarseIn } from "./coarse_comparison.ts";
import { type Coarseness, coarsenessIn } from "./coarse_field.ts";
import { assertComparable, isJsonText } from "./comparable.ts";
import { comparisonSign } from "./comparison_sign.ts";
import { type SqlWriter, typeText, valueText } from "./sql_writer.ts";

type Compared = Extract<Condition, { kind: "compare" }>;

/** How a column is compared with some values, so that the rows that are read with them are found. */
type Way =
  /** As the field reads the column. */
  | { readonly kind: "read"; readonly coarseness: Coarseness }
  /** Rounded as the column would store them, or as the field reads it. */
  | { readonly kind: "rounded"; readonly coarseness: Coarseness }
  /** In the form in which the column stores them. */
  | { readonly kind: "stored"; readonly form: StoredForm }
  /** As `jsonb`, because the column is of type `json`. */
  | { readonly kind: "json" }
  /** As values that are arrays or JSON themselves. */
  | { readonly kind: "structured" };

function wayOf(
  to: SqlWriter,
  field: Field,
  values: readonly unknown[],
  isEquality: boolean,
): Way {
  if (isJsonText(field)) return { kind: "json" };
  if (!isScalar(to, field)) return { kind: "structured" };
  const coarseness = coarsenessIn(field, to.columnOf(field), values);
  const form = isEquality ? to.form(field) : undefined;
  if (coarseness === undefined) return { kind: "stored", form };
  if (isRounded(form, values)) return { kind: "rounded", coarseness };
  return coarseness === "millisecond" && form !== undefined
    ? { kind: "stored", form }
    : { kind: "read", coarseness };
}

/** Writes a comparison of a field with one value. */
export function writeComparison(to: SqlWriter, condition: Compared): void {
  const { field, operator, value, inOrder, rowKey } = condition;
  const isEquality = operator === "eq" || operator === "ne";
  const way = wayOf(to, field, [value], isEquality);
  if (rowKey === undefined && way.kind === "read") {
    return writeCoarse(to, field, operator, value, way.coarseness);
  }
  if (rowKey === undefined && way.kind === "rounded") {
    if (operator === "ne") to.outline += "(";
    writeRounded(
      to,
      field,
      [value],
      () => writeCoarse(to, field, "eq", value, way.coarseness),
    );
    if (operator === "ne") to.outline += " is not true)";
    return;
  }
  // Equality is that of the column's own collation, as for its keys.
  const isOrdered = inOrder === true || !isEquality;
  assertComparable(field, isOrdered && inOrder !== true);
  const column = way.kind === "json"
    ? `cast(${to.column(field)} as jsonb)`
    : isOrdered
    ? to.ordered(field)
    : to.column(field);
  to.outline += `${column} ${comparisonSign(field, operator)} `;
  if (
    rowKey !== undefined &&
    coarsenessIn(field, to.columnOf(field), [value]) !== undefined
  ) {
    return writePosition(to, field, value, rowKey);
  }
  if (way.kind === "json") {
    to.outline += `cast(${to.placeholder(valueText(field, value))} as jsonb)`;
  } else if (way.kind !== "stored") to.castValue(field, value);
  // PostgreSQL infers the type of a scalar parameter from the column.
  else if (way.form === undefined || way.form.kind === "trim") {
    to.value(trimmed(way.form, valueText(field, value)));
  } else {
    to.outline += formed(
      way.form,
      to.placeholder(valueText(field, value)),
    );
  }
}

/** Writes that a field is one of some values. Scalars are sent as one array; arrays as an array of texts, because PostgreSQL flattens nested arrays. */
export function writeIn(
  to: SqlWriter,
  field: Field,
  values: readonly unknown[],
): void {
  assertComparable(field, false);
  const way = wayOf(to, field, values, true);
  switch (way.kind) {
    case "json":
      to.outline += `cast(${
        to.column(field)
      } as jsonb) in (select cast(item as jsonb) from unnest(`;
      to.texts(values.map((value) => valueText(field, value)));
      to.outline += ") as list(item))";
      break;
    case "rounded":
      writeRounded(
        to,
        field,
        values,
        () => writeCoarseIn(to, field, values, way.coarseness),
      );
      break;
    case "read":
      writeCoarseIn(to, field, values, way.coarseness);
      break;
    case "stored":
      to.outline += `${to.column(field)} = any(`;
      writeList(to, field, values);
      to.outline += ")";
      break;
    case "structured": {
      const column = to.columnOf(field);
      const type = column?.typeKind === "c" ? column.sqlType : typeText(field);
      to.outline += `${
        to.column(field)
      } in (select cast(item as ${type}) from unnest(cast(`;
      to.value(writeArrayText(field, values));
      to.outline += " as text[])) as list(item))";
    }
  }
}

/** Writes that a field is none of some values; false if it must be written as the negation of {@link writeIn}. */
export function writeNotIn(
  to: SqlWriter,
  field: Field,
  values: readonly unknown[],
): boolean {
  const isPlain = !field.nullable && isScalar(to, field) &&
    !isJsonText(field) &&
    coarsenessIn(field, to.columnOf(field), values) === undefined;
  if (!isPlain) return false;
  assertComparable(field, false);
  to.outline += `${to.column(field)} <> all(`;
  writeList(to, field, values);
  to.outline += ")";
  return true;
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
  to.outline += `(${to.column(field)} = any(`;
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
  to.outline += `coalesce((select ${to.column(field)} from ${to.table} where (`;
  const isInKey = rowKey.some(([keyField]) => keyField === field);
  const terms = isInKey ? rowKey : [...rowKey, [field, value] as const];
  for (const [index, [field, value]] of terms.entries()) {
    if (index > 0) to.outline += " and ";
    writeComparison(to, { kind: "compare", field, operator: "eq", value });
  }
  to.outline += ") limit 1), ";
  to.value(valueText(field, value));
  to.outline += ")";
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

/** Returns a text without the blanks after the length of its column. */
function trimmed(form: StoredForm, text: string | null): string | null {
  if (form?.kind !== "trim" || text === null) return text;
  const characters = [...text];
  return characters.slice(form.length).every((character) => character === " ")
    ? characters.slice(0, form.length).join("")
    : text;
}

/** The types to whose arrays an array of texts cannot be cast: arrays, and types whose arrays have another separator. */
const STRUCTURED = /(?:\]\s*|^\s*box\s*)$/i;

function isScalar(to: SqlWriter, field: Field): boolean {
  const { type: { kind }, sqlType = "" } = field;
  const column = to.columnOf(field);
  return kind !== "array" && kind !== "json" && column?.typeKind !== "c" &&
    (column?.itemType ?? 0) === 0 && !STRUCTURED.test(sqlType) &&
    !/^\s*reg[a-z]+\s*$/i.test(sqlType);
}
