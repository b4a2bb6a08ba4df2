import type { Sort } from "../../query/statement/statement.ts";
import { assertOrdered } from "./comparable.ts";
import type { SqlWriter } from "./sql_writer.ts";

/** Returns an ORDER BY clause; an empty text without parts. */
export function orderText(to: SqlWriter, order: readonly Sort[]): string {
  return orderClause(order.map((sort) => sortText(to, sort)));
}

/** Returns an ORDER BY clause of parts that are SQL already. */
export function orderClause(parts: readonly string[]): string {
  return parts.length === 0 ? "" : ` order by ${parts.join(", ")}`;
}

/** Returns one part. PostgreSQL's default puts nulls last in ascending and first in descending order. The text names the position only if it differs, so that indexes apply. */
export function sortText(
  to: SqlWriter,
  { field, direction, nulls }: Sort,
): string {
  const isDefault = nulls === (direction === "asc" ? "last" : "first");
  assertOrdered(field);
  return `${to.ordered(field)} ${direction}${
    !field.nullable || isDefault ? "" : ` nulls ${nulls}`
  }`;
}
