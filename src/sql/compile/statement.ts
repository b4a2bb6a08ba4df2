import { sql } from "kysely";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type {
  Condition,
  CountStatement,
  DeleteStatement,
  ExistsStatement,
  FindStatement,
  GetOrCreateStatement,
  Sort,
  UpdateEachStatement,
  UpdateStatement,
} from "../../query/statement/statement.ts";
import { columnOf, columnsOf, type Sql, tableOf } from "../codec/sql_text.ts";
import { bindType } from "../codec/types.ts";
import { condition, slots } from "./condition.ts";

/** Statements whose text is made here; inserts and upserts go another way. */
export type TextStatement =
  | FindStatement
  | CountStatement
  | ExistsStatement
  | GetOrCreateStatement
  | UpdateStatement
  | UpdateEachStatement
  | DeleteStatement;

/** A statement as SQL, with a place for each value. */
export function sqlOf(
  statement: TextStatement,
  schema: string | undefined,
): Sql {
  const { model } = statement;
  const table = tableOf(model, schema);
  const slot = slots();
  switch (statement.kind) {
    case "find": {
      const where = whereSql(statement.where, slot);
      const limit = statement.limit === undefined
        ? sql``
        : sql` limit ${slot()}`;
      const offset = statement.offset === 0 ? sql`` : sql` offset ${slot()}`;
      return sql`select ${columnsOf(statement.fields)} from ${table}${where}${
        orderSql(statement.order)
      }${limit}${offset}`;
    }
    case "count": {
      const where = whereSql(statement.where, slot);
      return statement.max === undefined
        ? sql`select count(*) from ${table}${where}`
        : sql`select count(*) from (select from ${table}${where} limit ${slot()}) as counted`;
    }
    case "exists":
      return sql`select exists (select from ${table}${
        whereSql(statement.where, slot)
      })`;
    case "delete":
      return sql`delete from ${table}${whereSql(statement.where, slot)}`;
    case "update": {
      const set = [...statement.set.keys()].map((field) =>
        sql`${columnOf(field)} = ${typed(field, slot())}`
      );
      return sql`update ${table} set ${sql.join(set)}${
        whereSql(statement.where, slot)
      }`;
    }
    case "getOrCreate":
      return getOrCreateSql(statement, table, slot);
    case "updateEach":
      return updateEachSql(statement, table, slot);
  }
}

/** One statement: the row that is there, else the new one. Under a race neither is; the caller looks again. */
function getOrCreateSql(
  { model, where, row }: GetOrCreateStatement,
  table: Sql,
  slot: () => Sql,
): Sql {
  const all = columnsOf(model.fields);
  const there = sql`select ${all} from ${table}${
    whereSql(where, slot)
  } limit 1`;
  const values = [...row.keys()].map((field) => typed(field, slot()));
  return sql`with dbp_there as (${there}), dbp_made as (insert into ${table} (${
    columnsOf([...row.keys()])
  }) select ${
    sql.join(values)
  } where not exists (select from dbp_there) on conflict do nothing returning ${all}) select ${all}, false from dbp_there union all select ${all}, true from dbp_made`;
}

/** One statement for many rows: keys and values arrive as an array of texts for each column. */
function updateEachSql(
  { model, set }: UpdateEachStatement,
  table: Sql,
  slot: () => Sql,
): Sql {
  const key = fieldsNamed(model, model.primaryKey);
  const names = [...key, ...set].map((_, place) => sql.id(`v${place}`));
  const arrays = names.map(() => sql`cast(${slot()} as text[])`);
  const at = (place: number): Sql => sql.id("source", `v${place}`);
  const assignments = set.map((field, place) =>
    sql`${columnOf(field)} = ${typed(field, at(key.length + place))}`
  );
  const matches = key.map((field, place) =>
    sql`${sql.id("target", field.column)} = ${typed(field, at(place))}`
  );
  return sql`update ${table} as target set ${
    sql.join(assignments)
  } from unnest(${sql.join(arrays)}) as source(${sql.join(names)}) where ${
    sql.join(matches, sql` and `)
  }`;
}

function whereSql(where: Condition, slot: () => Sql): Sql {
  return where.kind === "all" ? sql`` : sql` where ${condition(where, slot)}`;
}

/** PostgreSQL puts null last in ascending order and first in descending; a word is only said where that is not what is wanted, so that indexes serve. */
function orderSql(order: readonly Sort[]): Sql {
  if (order.length === 0) return sql``;
  const parts = order.map(({ field, direction, nulls }) => {
    const usual = direction === "asc" ? "last" : "first";
    const where = !field.nullable || nulls === usual
      ? sql``
      : sql` nulls ${sql.raw(nulls)}`;
    return sql`${columnOf(field)} ${sql.raw(direction)}${where}`;
  });
  return sql` order by ${sql.join(parts)}`;
}

function typed(field: Field, value: Sql): Sql {
  return sql`cast(${value} as ${sql.raw(bindType(field))})`;
}
