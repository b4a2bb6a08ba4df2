import type { Field } from "../../model/field.ts";
import type {
  AggregateStatement,
  GroupSort,
  Measure,
} from "../../query/statement/statement.ts";
import { isInteger } from "../../model/value_problem.ts";
import { assertOrdered } from "./comparable.ts";
import { SIGNS } from "./comparison_sign.ts";
import { writeWhere } from "./condition.ts";
import { orderClause, sortText } from "./order.ts";
import { columnText, type SqlWriter } from "./sql_writer.ts";

/** Writes a statement that computes values over groups of rows. */
export function writeAggregate(
  to: SqlWriter,
  { groupBy, measures, where, having, order, limit }: AggregateStatement,
  table: string,
): void {
  const groups = groupBy.map(columnText);
  to.outline += `select ${
    [...groups, ...measures.map((measure) => measureText(to, measure))]
      .join(", ")
  } from ${table}`;
  writeWhere(to, where);
  if (groups.length > 0) to.outline += ` group by ${groups.join(", ")}`;
  for (const [index, { operator, value }] of having.entries()) {
    to.outline += `${index === 0 ? " having" : " and"} count(*) ${
      SIGNS[operator]
    } cast(`;
    to.value(String(value));
    to.outline += " as float8)";
  }
  to.outline += orderClause(
    order.map((sort) => groupSortText(to, groupBy, sort)),
  );
  if (limit === undefined) return;
  to.outline += " limit ";
  to.value(String(limit));
}

function measureText(to: SqlWriter, measure: Measure): string {
  if (measure.kind === "count") return "count(*)";
  const { kind, field } = measure;
  const column = columnText(field);
  switch (kind) {
    case "countDistinct":
      return `count(distinct ${column})`;
    case "sum":
      // The sum of bigint is numeric; the sum of real would be real.
      return isInteger(field.type)
        ? `cast(sum(${column}) as text)`
        : `sum(cast(${column} as float8))`;
    case "avg":
      // The sum of integers is exact; that of double precision rounds each step.
      return isInteger(field.type)
        ? `cast(sum(${column}) as float8) / count(${column})`
        : `avg(cast(${column} as float8))`;
    case "min":
    case "max":
      return extremeText(to, kind, field);
  }
}

/** The least or greatest value. Booleans, `uuid` and, before PostgreSQL 18, `bytea` have no such function of their own. */
function extremeText(
  to: SqlWriter,
  kind: "min" | "max",
  field: Field,
): string {
  assertOrdered(field);
  const column = columnText(field);
  switch (field.type.kind) {
    case "boolean":
      return `${kind === "min" ? "bool_and" : "bool_or"}(${column})`;
    case "uuid":
      return `cast(${kind}(cast(${column} as text) collate "C") as uuid)`;
    case "bytes":
      return `decode(${kind}(encode(${column}, 'hex') collate "C"), 'hex')`;
    default:
      return `${kind}(${to.ordered(field)})`;
  }
}

/** Nulls are last. */
function groupSortText(
  to: SqlWriter,
  groupBy: AggregateStatement["groupBy"],
  { by, direction }: GroupSort,
): string {
  const field = by === "count" ? undefined : groupBy[by];
  return field === undefined
    ? `count(*) ${direction}`
    : sortText(to, { field, direction, nulls: "last" });
}
