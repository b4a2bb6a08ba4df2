import { QueryError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";

/** Types that PostgreSQL cannot compare at all. */
const INCOMPARABLE = /^\s*(?:xml|point|polygon|jsonpath|refcursor)\s*$/i;
/** Types that it can compare, but not order; `json` as `jsonb`. It sorts `hstore`, but has no operator `>` for a position in that order. */
const UNORDERED =
  /^\s*(?:json|line|lseg|box|path|circle|xid|(?:\w+\.|"[^"]+"\.)?hstore)\s*$/i;

/** Whether a column is of type `json`, which PostgreSQL compares only as `jsonb`. */
export function isJsonText({ sqlType }: Field): boolean {
  return sqlType !== undefined && /^\s*json\s*$/i.test(sqlType);
}

/** Refuses comparisons for which the type of the column has no operator. */
export function assertComparable(field: Field, isOrdered: boolean): void {
  const { name, sqlType = "" } = field;
  const isComparable = !INCOMPARABLE.test(sqlType);
  if (isComparable && !(isOrdered && UNORDERED.test(sqlType))) return;
  throw new QueryError(
    `Cannot filter by ${name}: PostgreSQL has no ${
      isComparable ? "order" : "comparison"
    } for ${sqlType}; use isNull or like, or read the rows and compare them`,
    { field: name },
  );
}

/** Whether the type of the column has an order. */
export function isOrdered({ sqlType = "" }: Field): boolean {
  return !INCOMPARABLE.test(sqlType) && !UNORDERED.test(sqlType);
}

/** Refuses an order for which the type of the column has none. */
export function assertOrdered(field: Field): void {
  if (isOrdered(field)) return;
  const { name, sqlType } = field;
  throw new QueryError(
    `Cannot order by ${name}: PostgreSQL has no order for ${sqlType}; order by another field, or sort the rows that you read`,
    { field: name },
  );
}
