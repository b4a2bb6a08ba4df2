import { sql } from "kysely";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { bindType, isSameBinary } from "../codec/column_type.ts";
import {
  columnListOf,
  columnOf,
  plainText,
  type Sql,
  tableOf,
} from "../codec/sql_piece.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { Layer } from "./layers.ts";

let count = 0;

/** A temporary table that holds encoded rows before they are merged. */
export interface Stage {
  /** The table, as SQL. */
  readonly table: Sql;
  /** Its columns. */
  readonly columns: readonly Field[];
  /** Returns the number of rows. */
  readonly rows: () => number;
  /** Copies the rows of a layer into it. */
  fill(layer: Layer): Promise<void>;
  /** Deletes all rows. */
  clear(): Promise<void>;
  /** Drops the table. */
  drop(): Promise<void>;
}

/**
 * Creates a stage with the types that the encoder writes. The database drops it at the end of the transaction.
 *
 * @param copied the columns that layers contain
 * @param defaults further columns, with the defaults that fill them
 */
export async function createStage(
  tx: SqlTransaction,
  copied: readonly Field[],
  defaults: ReadonlyMap<Field, string> = new Map(),
): Promise<Stage> {
  const name = `dbp_stage_${++count}`;
  const table = sql.id("pg_temp", name);
  const columns = [...copied, ...defaults.keys()];
  const definitions = columns.map((field) => {
    const value = defaults.get(field);
    return sql`${columnOf(field)} ${sql.raw(bindType(field))}${
      sql.raw(value === undefined ? "" : ` default ${value}`)
    }`;
  });
  await send(
    tx,
    sql`create temporary table ${sql.id(name)} (${
      sql.join(definitions)
    }) on commit drop`,
  );
  let rows = 0;
  return {
    table,
    columns,
    rows: () => rows,
    async fill(layer) {
      const target = plainText(sql`${table} ${columnListOf(copied)}`);
      rows += await tx.copyIn(target, layer.bytes);
    },
    async clear() {
      await send(tx, sql`truncate ${table}`);
      rows = 0;
    },
    async drop() {
      await send(tx, sql`drop table ${table}`);
    },
  };
}

/** Executes SQL without values, and returns the number of rows. */
export async function send(tx: SqlTransaction, piece: Sql): Promise<number> {
  const { count } = await tx.query({ text: plainText(piece), values: [] });
  return count;
}

/**
 * Returns whether the columns of the table accept the binary format of the
 * encoder. Locks the table against changes until the end of the transaction.
 */
export async function acceptsBinary(
  tx: SqlTransaction,
  model: AnyModel,
  columns: readonly Field[],
  schema: string | undefined,
): Promise<boolean> {
  const table = tableOf(model, schema);
  await send(tx, sql`lock table ${table} in row exclusive mode`);
  const types = new Map<string, number>();
  await tx.query({
    text:
      "select attname, atttypid from pg_catalog.pg_attribute where attrelid = cast($1 as regclass) and attnum > 0",
    values: [plainText(table)],
    name: "dbp_column_types",
  }, ([name, type]) => void types.set(String(name), Number(type)));
  return columns.every((field) =>
    isSameBinary(field, types.get(field.column) ?? 0)
  );
}
