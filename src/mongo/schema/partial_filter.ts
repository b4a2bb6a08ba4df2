import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";

const OPERATORS: Readonly<Record<string, string>> = {
  "=": "$eq",
  "<": "$lt",
  "<=": "$lte",
  ">": "$gt",
  ">=": "$gte",
};
const TERM =
  /^\s*"?(\w+)"?\s*(=|<=|>=|<|>)\s*(-?\d+(?:\.\d+)?|'[^']*'|true|false)\s*$/i;

/**
 * Returns the filter for an SQL condition that compares columns with constants,
 * such as `ranking = 1 and fid > 0`; undefined for any other condition.
 */
export function partialFilter(
  model: AnyModel,
  where: string,
): Document | undefined {
  const terms: Document[] = [];
  for (const text of where.split(/\band\b/i)) {
    const [, column = "", sign = "", literal = ""] = TERM.exec(text) ?? [];
    const field = model.fields.find((field) => field.column === column);
    const operator = OPERATORS[sign];
    const value = field === undefined ? undefined : constant(field, literal);
    if (operator === undefined || value === undefined) return undefined;
    terms.push({ [column]: { [operator]: value } });
  }
  const [only] = terms;
  return terms.length === 1 ? only : { $and: terms };
}

/**
 * Returns the filter that excludes null, so that a unique key allows any number
 * of nulls, as in SQL. It compares with the lowest value of the type, so that
 * the server uses the index for an equality.
 */
export function withoutNulls(fields: readonly Field[]): Document | undefined {
  const nullable = fields.filter(({ nullable }) => nullable);
  if (nullable.length === 0) return undefined;
  return Object.fromEntries(
    nullable.map((field) => [field.column, { $gte: lowest(field) }]),
  );
}

function constant({ type }: Field, literal: string): unknown {
  switch (type.kind) {
    case "int32":
    case "float32":
    case "float64":
      return isNumber(literal) ? Number(literal) : undefined;
    case "int64":
      return /^-?\d+$/.test(literal) ? BigInt(literal) : undefined;
    case "string":
    case "uuid":
    case "enum":
      return literal.startsWith("'") ? literal.slice(1, -1) : undefined;
    case "boolean":
      return /^(?:true|false)$/i.test(literal)
        ? literal.toLowerCase() === "true"
        : undefined;
    case "date":
    case "json":
    case "array":
      return undefined;
  }
}

function isNumber(literal: string): boolean {
  return /^-?\d/.test(literal);
}

function lowest({ type }: Field): unknown {
  switch (type.kind) {
    case "int32":
    case "int64":
    case "float32":
    case "float64":
      return -Infinity;
    case "string":
    case "uuid":
    case "enum":
      return "";
    case "boolean":
      return false;
    case "date":
      return new Date(-8_640_000_000_000_000);
    case "array":
      return [];
    case "json":
      return {};
  }
}
