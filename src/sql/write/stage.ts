import { sql } from "kysely";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import {
  columnOf,
  columnsOf,
  plainText,
  type Sql,
  tableOf,
} from "../codec/sql_piece.ts";
import type { SqlTransaction } from "../link/link.ts";
import { bindType, isSameBinary } from "../codec/column_type.ts";
import { isDeadlock } from "../link/server_error.ts";
import type { Layer } from "./layers.ts";
import { pause } from "../../base/pause.ts";

let count = 0;

/** A temporary table that takes encoded rows before they are merged. */
export interface Stage {
  /** Its name, for SQL. */
  readonly table: Sql;
  /** Its columns. */
  readonly columns: readonly Field[];
  /** How many rows it took since it was last emptied. */
  readonly rows: () => number;
  /** Copies a layer's rows into it, behind those that are there. */
  fill(layer: Layer): Promise<void>;
  /** Empties it. */
  clear(): Promise<void>;
  /** Removes it. */
  drop(): Promise<void>;
}

/** Makes a stage, whose columns have the types that the encoder writes. It goes with the transaction. */
export async function createStage(
  tx: SqlTransaction,
  columns: readonly Field[],
): Promise<Stage> {
  const table = sql.id("pg_temp", `dbp_stage_${++count}`);
  const definitions = columns.map((field) =>
    sql`${columnOf(field)} ${sql.raw(bindType(field))}`
  );
  await send(
    tx,
    sql`create temporary table ${sql.id(`dbp_stage_${count}`)} (${
      sql.join(definitions)
    }) on commit drop`,
  );
  let rows = 0;
  return {
    table,
    columns,
    rows: () => rows,
    async fill(layer) {
      const into = plainText(sql`${table} (${columnsOf(columns)})`);
      rows += await tx.copyIn(into, layer.bytes);
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

/** How often a merge is tried that deadlocks with another writer. */
const MERGE_TRIES = 6;
/** Milliseconds before it is tried again, at most, doubled each time. */
const MERGE_PAUSE = 10;

/**
 * Runs a merge behind a savepoint, again where it deadlocked: rolled back, it
 * holds nothing that the other writer waits for. Merges go in key order and
 * never deadlock with each other, but a COPY straight into the table goes in
 * its rows' own.
 */
export async function merging<T>(
  tx: SqlTransaction,
  merge: () => Promise<T>,
  onDeadlock: (error: unknown) => void = () => {},
): Promise<T> {
  for (let tries = 1;; tries++) {
    await send(tx, sql`savepoint dbp_merge`);
    try {
      const merged = await merge();
      await send(tx, sql`release savepoint dbp_merge`);
      return merged;
    } catch (error) {
      if (!isDeadlock(error) || tries === MERGE_TRIES) throw error;
      onDeadlock(error);
    }
    await send(tx, sql`rollback to savepoint dbp_merge`);
    await pause(MERGE_PAUSE * 2 ** tries * Math.random());
  }
}

/** Sends SQL that has no values. */
export async function send(tx: SqlTransaction, piece: Sql): Promise<number> {
  const { count } = await tx.query({ text: plainText(piece), values: [] });
  return count;
}

/**
 * Whether the columns of the table as it is hold, bit for bit, what the
 * encoder writes. The table stays as it is until the transaction ends.
 */
export async function takesBinary(
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
    isSameBinary(field.type, types.get(field.column) ?? 0)
  );
}
