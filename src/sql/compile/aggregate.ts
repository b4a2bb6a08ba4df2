import type { Field } from "../../model/field.ts";
import type {
  AggregateStatement,
  Condition,
  GroupSort,
  Measure,
} from "../../query/statement/statement.ts";
import { isInteger } from "../../query/statement/group_model.ts";
import { assertOrdered } from "./comparable.ts";
import { writeCondition } from "./condition.ts";
import { columnText, type SqlWriter } from "./sql_writer.ts";

const OPERATORS = {
  eq: "=",
  ne: "<>",
  gt: ">",
  gte: ">=",
  lt: "<",
  lte: "<=",
} as const;

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
      OPERATORS[operator]
    } cast(`;
    to.value(String(value));
    to.outline += " as float8)";
  }
  if (order.length > 0) {
    to.outline += ` order by ${
      order.map((sort) => sortText(to, groupBy, sort)).join(", ")
    }`;
  }
  if (limit === undefined) return;
  to.outline += " limit ";
  to.value(String(limit));
}

function writeWhere(to: SqlWriter, where: Condition): void {
  if (where.kind === "all") return;
  to.outline += " where ";
  writeCondition(to, where);
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
      return isInteger(field)
        ? `cast(sum(${column}) as text)`
        : `sum(cast(${column} as float8))`;
    case "avg":
      return `avg(cast(${column} as float8))`;
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

/** Nulls are last: PostgreSQL's default only in ascending order. */
function sortText(
  to: SqlWriter,
  groupBy: AggregateStatement["groupBy"],
  { by, direction }: GroupSort,
): string {
  const field = by === "count" ? undefined : groupBy[by];
  if (field === undefined) return `count(*) ${direction}`;
  assertOrdered(field);
  const isLast = direction === "asc" || !field.nullable;
  return `${to.ordered(field)} ${direction}${isLast ? "" : " nulls last"}`;
}
