import { sql } from "../link/kysely.ts";
import type { Field } from "../../model/field.ts";
import { type Collations, orderCollation } from "../codec/collations.ts";
import { columnOf, columnsOf, type Sql } from "../codec/sql_piece.ts";
import { OID } from "../codec/wire/types.ts";
import type {
  Combination,
  UpsertStatement,
} from "../../query/statement/statement.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { ColumnFacts } from "../schema/column_facts.ts";
import type { Merge } from "./create_merge.ts";
import { send } from "./send.ts";

/** Types with the aggregates `min` and `max`. */
const WITH_EXTREMES: ReadonlySet<number> = new Set([
  ...[OID.int2, OID.int4, OID.int8, OID.float4, OID.float8, OID.numeric],
  ...[OID.text, OID.varchar, OID.bpchar, OID.money, OID.oid],
  ...[OID.date, OID.time, OID.timetz, OID.timestamp, OID.timestamptz],
]);

/**
 * Selects one row for each key: the greatest by `prefer`, and the
 * last of equal rows, with the combined values of all rows of the key where the
 * statement combines values. Fields that `update` excludes come from the first
 * row, as if the rows were written one after the other.
 */
export function winners(merge: Merge): Sql {
  const { stage, isDistinct, collations, statement: { conflict, prefer } } =
    merge;
  const { columns, source, position } = stage;
  const key = columnsOf(conflict);
  if (isDistinct) return sql`select ${columnsOf(columns)} from ${source}`;
  const order = [
    ...conflict.map(columnOf),
    ...prefer.map((field) =>
      sql`${stagedInOrder(field, collations)} desc nulls last`
    ),
    sql`${position} desc`,
  ];
  const values = columns.map((field) => winnerOf(merge, field));
  const isWhole = values.some((value) => value !== undefined);
  const window = isWhole
    ? sql` window of_key as (partition by ${key} order by ${position} desc rows between unbounded preceding and unbounded following)`
    : sql``;
  return sql`select distinct on (${key}) ${
    sql.join(columns.map((field, index) => {
      const value = values[index];
      return value === undefined
        ? columnOf(field)
        : sql`${value} as ${columnOf(field)}`;
    }))
  } from ${source}${window} order by ${sql.join(order)}`;
}

/** Whether it takes longer to sort or combine rows with the same key than to find out whether there are any. */
export function needsKnownKeys(
  { isUnique, merge }: Pick<UpsertStatement, "isUnique" | "merge">,
): boolean {
  return !isUnique || merge.size > 0;
}

/** Returns the merge, and finds out whether its rows have different keys if that is needed. */
export async function withKnownKeys(
  tx: SqlTransaction,
  merge: Merge,
): Promise<Merge> {
  return merge.isDistinct || !needsKnownKeys(merge.statement)
    ? merge
    : { ...merge, isDistinct: !await hasRepeatedKeys(tx, merge) };
}

/** Returns whether two rows of a stage have the same key. */
async function hasRepeatedKeys(
  tx: SqlTransaction,
  { stage: { source, rows }, statement: { conflict } }: Pick<
    Merge,
    "stage" | "statement"
  >,
): Promise<boolean> {
  let keys = 0;
  await send(
    tx,
    sql`select count(*) from (select distinct ${
      columnsOf(conflict)
    } from ${source}) as keys`,
    ([count]) => void (keys = Number(count)),
  );
  return keys < rows();
}

/** The value of a field in the winner of a key; undefined if it is that of the winning row. */
function winnerOf(merge: Merge, field: Field): Sql | undefined {
  const { set, statement: { conflict, update, merge: rules } } = merge;
  if (conflict.includes(field)) return undefined;
  if (!set.includes(field)) {
    return update === undefined
      ? undefined
      : sql`last_value(${columnOf(field)}) over of_key`;
  }
  const rule = rules.get(field);
  return rule === undefined ? undefined : combined(merge, field, rule);
}

/** The combined value of all rows of a key. Of equal values it is the first one; the aggregates keep the last that they see. */
function combined(
  { stage, collations, facts, statement: { conflict } }: Merge,
  field: Field,
  rule: Combination,
): Sql {
  const column = columnOf(field);
  const ordered = stagedInOrder(field, collations);
  const aggregate = aggregateOf(rule, facts.columns.get(field.column));
  if (aggregate !== undefined) {
    return sql`${sql.raw(aggregate)}(${ordered}) over of_key`;
  }
  const order = rule === "ifNull"
    ? sql`(${column} is null)`
    : sql`${ordered} ${sql.raw(rule === "least" ? "asc" : "desc")} nulls last`;
  return sql`first_value(${column}) over (partition by ${
    columnsOf(conflict)
  } order by ${order}, ${stage.position})`;
}

function aggregateOf(
  rule: Combination,
  column: ColumnFacts | undefined,
): string | undefined {
  if (rule === "ifNull" || column === undefined) return undefined;
  if (column.baseType === OID.bool) {
    return rule === "least" ? "bool_and" : "bool_or";
  }
  if (!WITH_EXTREMES.has(column.baseType)) return undefined;
  return rule === "least" ? "min" : "max";
}

/** A column of the stage, which has the default collation of the database, in the order of the field. */
function stagedInOrder(field: Field, collations: Collations): Sql {
  const collation = orderCollation(field, collations);
  return collation === undefined
    ? columnOf(field)
    : sql`${columnOf(field)} collate ${sql.id(collation)}`;
}
