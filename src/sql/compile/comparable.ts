import { QueryError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";

/** Whether a column is of type `json`, which PostgreSQL compares only as `jsonb`. */
export function isJsonText({ sqlType }: Field): boolean {
  return sqlType !== undefined && /^\s*json\s*$/i.test(sqlType);
}

/** Refuses comparisons for which the type of the column has no operator. */
export function assertComparable(field: Field, isOrdered: boolean): void {
  const isXml = /^\s*xml\s*$/i.test(field.sqlType ?? "");
  if (!isXml && !(isOrdered && isJsonText(field))) return;
  throw new QueryError(
    `Cannot filter by ${field.name}: PostgreSQL has no ${
      isXml ? "comparison" : "order"
    } for ${field.sqlType}; use isNull or like, or read the rows and compare them`,
    { field: field.name },
  );
}
