import type { Document } from "mongodb";
import { Binary } from "../link/mongodb.ts";
import { INFINITE_TIME } from "../../model/exact_date.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { holdsNan } from "../codec/holds_nan.ts";

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

/** One of the indexes that make up a unique key. */
interface KeyPart {
  /** The fields that hold NaN in the documents of the index. */
  readonly nan: readonly Field[];
  /** The filter for the documents in the index; undefined for all. */
  readonly filter: Document | undefined;
}

/**
 * Returns the indexes of a unique key. They exclude null, so that the key allows
 * any number of nulls, as in SQL. Their filters compare with the lowest value of
 * the type, so that the server uses the index for an equality. Such a comparison
 * excludes NaN too, so NaN has indexes of its own.
 */
export function keyParts(fields: readonly Field[]): readonly KeyPart[] {
  const nullable = fields.filter(({ nullable }) => nullable);
  if (nullable.length === 0) return [{ nan: [], filter: undefined }];
  return subsetsOf(nullable.filter(holdsNan)).map((nan) => ({
    nan,
    filter: Object.fromEntries(
      nullable.map((field) => [
        field.column,
        nan.includes(field) ? { $eq: NaN } : { $gte: lowest(field) },
      ]),
    ),
  }));
}

/** Returns all subsets of a list, the empty one first. */
function subsetsOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return items.reduce<readonly (readonly Item[])[]>(
    (subsets, item) => [
      ...subsets,
      ...subsets.map((subset) => [...subset, item]),
    ],
    [[]],
  );
}

function constant({ type }: Field, literal: string): unknown {
  switch (type.kind) {
    case "int16":
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
    case "bytes":
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
    case "int16":
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
      return new Date(-INFINITE_TIME);
    case "bytes":
      return new Binary();
    case "array":
      return [];
    case "json":
      return {};
  }
}
