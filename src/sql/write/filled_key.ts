import { sql } from "../link/kysely.ts";
import type { Field } from "../../model/field.ts";
import { isNumbered } from "../../model/server_filling.ts";
import type { AnyModel } from "../../model/types.ts";
import {
  columnsOf,
  insertTarget,
  plainText,
  type Sql,
  tableOf,
} from "../codec/sql_piece.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { Shape } from "./layer.ts";
import type { Merged } from "./merge.ts";
import { type Returning, sendWrite } from "./send_write.ts";
import type { StagedRows } from "./stage.ts";

/**
 * Returns the fields of a key that distinguish its rows before the server fills
 * defaults: two rows of which only one gives a value for a default may have the
 * same key.
 */
export function withoutDefaults(key: readonly Field[]): readonly Field[] {
  return key.length === 1
    ? key
    : key.filter(({ filled }) => filled !== "default");
}

/**
 * Returns the defaults of the table for the fields of a key that rows of a shape
 * omit, so that the rows have their keys before they are merged. Empty if a
 * field has no default: each row then gets a new key when it is inserted.
 */
export async function defaultsOfKey(
  tx: SqlTransaction,
  model: AnyModel,
  schema: string | undefined,
  key: readonly Field[],
  { columns }: Shape,
): Promise<ReadonlyMap<Field, string>> {
  const omitted = key.filter((field) => !columns.includes(field));
  if (omitted.length === 0 || omitted.some(isNumbered)) return new Map();
  // COPY cannot leave out all columns.
  if (columns.length === 0) return new Map();
  const defaults = new Map<string, string>();
  await tx.query({
    text: DEFAULTS,
    values: [plainText(tableOf(model, schema))],
  }, ([column, value]) => void defaults.set(String(column), String(value)));
  const found = omitted.flatMap((field): [Field, string][] => {
    const value = defaults.get(field.column);
    return value === undefined ? [] : [[field, value]];
  });
  return new Map(found.length < omitted.length ? [] : found);
}

const DEFAULTS = `
select a.attname, pg_get_expr(d.adbin, d.adrelid)
from pg_catalog.pg_attrdef d
join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
where d.adrelid = cast($1 as regclass)`;

/** Inserts the rows of a stage; they get keys that no row has. */
export async function insertNewRows(
  tx: SqlTransaction,
  statement: Returning,
  table: Sql,
  stage: StagedRows,
): Promise<Merged> {
  const piece = insertNewSql(table, stage);
  const { count, rows } = await sendWrite(tx, statement, piece);
  return { inserted: count, updated: 0, rows };
}

/** Returns the statement of {@link insertNewRows}. */
export function insertNewSql(
  table: Sql,
  { source, columns, position }: StagedRows,
): Sql {
  return sql`insert into ${table} ${insertTarget(columns)} select ${
    columnsOf(columns)
  } from ${source} order by ${position}`;
}
