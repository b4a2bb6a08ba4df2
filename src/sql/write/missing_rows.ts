import { sql } from "../link/kysely.ts";
import { fieldsNamed, keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { columnOf, columnsOf, type Sql } from "../codec/sql_piece.ts";
import { equal } from "./merge.ts";
import type { Stage } from "./stage.ts";

/**
 * Returns the rows of a stage whose keys no row of the table has, each key once,
 * as an item of FROM: for tables that take no ON CONFLICT. Of several rows with
 * the same key, it is the first one.
 */
export function missingRows(
  model: AnyModel,
  table: Sql,
  { source, columns, position }: Stage,
): Sql {
  const keys = keysOf(model).map((key) => fieldsNamed(model, key))
    .filter((key) => key.every((field) => columns.includes(field)));
  const numbers = keys.map((key, index) =>
    sql`row_number() over (partition by ${
      columnsOf(key)
    } order by ${position}) as ${sql.id(`dbp_${index}`)}`
  );
  const conditions = keys.map((key, index) => {
    const isNull = key.filter(({ nullable }) => nullable).map((field) =>
      sql`numbered.${columnOf(field)} is null`
    );
    const isFirst = sql`numbered.${
      sql.id(`dbp_${index}`)
    } = 1 and not exists (select from ${table} as present where ${
      equal("present", "numbered", key)
    })`;
    return isNull.length === 0
      ? isFirst
      : sql`(${sql.join(isNull, sql` or `)} or (${isFirst}))`;
  });
  if (keys.length === 0) return source;
  const all = sql.join([...columns.map(columnOf), position, ...numbers]);
  return sql`(select * from (select ${all} from ${source}) as numbered where ${
    sql.join(conditions, sql` and `)
  }) as missing`;
}
