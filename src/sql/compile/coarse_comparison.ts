import { exactDate } from "../../model/exact_date.ts";
import type { Field } from "../../model/field.ts";
import type { Comparison } from "../../query/statement/condition.ts";
import { writeArrayText } from "../codec/value_text.ts";
import { comparisonSign } from "./comparison_sign.ts";
import {
  type Coarseness,
  isMillisecond,
  neighbors,
  readAsFloat,
} from "./coarse_field.ts";
import { type SqlWriter, typeText, valueText } from "./sql_writer.ts";

/** Writes a comparison with a value that is coarser than the column. */
export function writeCoarse(
  to: SqlWriter,
  field: Field,
  operator: Comparison,
  value: unknown,
  coarseness: Coarseness,
): void {
  if (coarseness !== "millisecond") {
    writeFloat(to, field, operator, Number(value), coarseness);
  } else if (isMillisecond(value)) {
    writeMillisecond(to, field, operator, value);
  }
}

/**
 * Writes a comparison with a millisecond, as one with its first and its last
 * microsecond, so that an index of the column applies. In a column of type `date`,
 * which the model does not declare, both are the same day.
 */
function writeMillisecond(
  to: SqlWriter,
  field: Field,
  operator: Comparison,
  value: Date,
): void {
  const column = to.column(field);
  const last = lastMicrosecond(value.getTime());
  const limit = (sign: string, limit: Date): void => {
    to.outline += `${column} ${sign} `;
    to.value(valueText(field, limit));
  };
  switch (operator) {
    case "gt":
      return limit(">", last);
    case "gte":
      return limit(">=", value);
    case "lt":
      return limit("<", value);
    case "lte":
      return limit("<=", last);
    case "eq":
      to.outline += "(";
      limit(">=", value);
      to.outline += " and ";
      limit("<=", last);
      break;
    case "ne":
      to.outline += "(";
      limit("<", value);
      to.outline += " or ";
      limit(">", last);
      if (field.nullable) to.outline += ` or ${column} is null`;
  }
  to.outline += ")";
}

/** Writes a comparison with a float, of the value that is read; a range of the column beside it lets an index apply. */
function writeFloat(
  to: SqlWriter,
  field: Field,
  operator: Comparison,
  value: number,
  coarseness: "single" | "double",
): void {
  const sign = comparisonSign(field, operator);
  to.outline += `(${readAsFloat(to.column(field), coarseness)} ${sign} `;
  to.castValue(field, value);
  const range = neighbors(value, coarseness);
  if (range !== undefined && operator !== "ne") {
    const isFrom = operator !== "lt" && operator !== "lte";
    const isTo = operator !== "gt" && operator !== "gte";
    writeRange(
      to,
      field,
      isFrom ? range.below : undefined,
      isTo ? range.above : undefined,
    );
  }
  to.outline += ")";
}

/** Writes that a column is one of some values, of which at least one is coarse. */
export function writeCoarseIn(
  to: SqlWriter,
  field: Field,
  values: readonly unknown[],
  coarseness: Coarseness,
): void {
  if (coarseness === "millisecond") return writeMilliseconds(to, field, values);
  to.outline += `(${readAsFloat(to.column(field), coarseness)} = any(cast(`;
  to.value(writeArrayText(field, values));
  to.outline += ` as ${typeText(field)}[]))`;
  const ranges = values.map((value) => neighbors(Number(value), coarseness));
  if (ranges.every((range) => range !== undefined)) {
    writeRange(
      to,
      field,
      ranges.map(({ below }) => below).reduce(smaller, Infinity),
      ranges.map(({ above }) => above).reduce(greater, -Infinity),
    );
  }
  to.outline += ")";
}

function writeMilliseconds(
  to: SqlWriter,
  field: Field,
  values: readonly unknown[],
): void {
  const column = to.column(field);
  const whole = values.filter(isMillisecond);
  const times = whole.map((date) => date.getTime());
  to.outline += `(${column} = any(`;
  to.value(writeArrayText(field, values));
  to.outline += `) or (date_trunc('milliseconds', ${column}) = any(`;
  to.value(writeArrayText(field, whole));
  to.outline += `) and ${column} >= `;
  to.value(valueText(field, new Date(times.reduce(smaller, Infinity))));
  to.outline += ` and ${column} <= `;
  to.value(
    valueText(field, lastMicrosecond(times.reduce(greater, -Infinity))),
  );
  to.outline += "))";
}

function lastMicrosecond(time: number): Date {
  return exactDate(time, 999);
}

function writeRange(
  to: SqlWriter,
  field: Field,
  from: number | undefined,
  until: number | undefined,
): void {
  const column = to.column(field);
  for (const [sign, limit] of [[">=", from], ["<=", until]] as const) {
    if (limit === undefined) continue;
    to.outline += ` and ${column} ${sign} `;
    to.value(String(limit));
  }
}

function smaller(left: number, right: number): number {
  return Math.min(left, right);
}

function greater(left: number, right: number): number {
  return Math.max(left, right);
}
