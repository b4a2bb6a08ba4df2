import { sql } from "../link/kysely.ts";
import type { Field } from "../../model/field.ts";
import { giveBytes } from "../codec/batch_buffers.ts";
import { bindType } from "../codec/column_type.ts";
import { quotedName } from "../codec/quote.ts";
import { columnListOf, columnOf, plainText } from "../codec/sql_piece.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import { send } from "./send.ts";
import type { Stage } from "./stage.ts";
import {
  readText,
  roundsEncoding,
  stageColumn,
} from "../codec/written_value.ts";

let count = 0;

/**
 * Creates a stage: a temporary table, which the database drops at the end of the transaction.
 *
 * @param copied the columns that layers contain
 * @param defaults further columns, with the defaults that fill them
 */
export async function createStage(
  tx: SqlTransaction,
  copied: readonly Field[],
  facts: TableFacts,
  defaults: ReadonlyMap<Field, string> = new Map(),
): Promise<Stage> {
  const columns = [...copied, ...defaults.keys()];
  const name = `dbp_stage_${++count}`;
  const table = sql.id("pg_temp", name);
  const definitions = columns.map((field) => {
    const type = stageColumn(field, facts.columns) ?? bindType(field);
    const value = defaults.get(field);
    return sql`${columnOf(field)} ${
      sql.raw(value === undefined ? type : `${type} default ${value}`)
    }`;
  });
  await send(
    tx,
    sql`create temporary table ${sql.id(name)} (${
      sql.join(definitions)
    }) on commit drop`,
  );
  const isSame = columns.every((field) =>
    readText(field, facts.columns, quotedName(field.column)) === undefined
  );
  const reads = columns.map((field) => {
    const read = readText(field, facts.columns, quotedName(field.column));
    return read === undefined
      ? columnOf(field)
      : sql`${sql.raw(read)} as ${columnOf(field)}`;
  });
  let rows = 0;
  let isAscending = true;
  let last: number | bigint = -Infinity;
  return {
    source: isSame
      ? table
      : sql`(select ${
        sql.join(reads)
      }, ctid as dbp_position from ${table}) as staged`,
    position: sql.ref(isSame ? "ctid" : "dbp_position"),
    columns,
    isSmall: false,
    rows: () => rows,
    isAscending: () => isAscending,
    async fill(layer) {
      const target = plainText(sql`${table} ${columnListOf(copied)}`);
      rows += await tx.copyIn(target, [layer.bytes]);
      isAscending &&= layer.range !== undefined && layer.range.first > last;
      last = layer.range?.last ?? last;
      giveBytes(layer.bytes);
    },
    async clear() {
      await send(tx, sql`truncate ${table}`);
      rows = 0;
      isAscending = true;
      last = -Infinity;
    },
    async drop() {
      await send(tx, sql`drop table ${table}`);
    },
  };
}

/** Whether statements send the rows of a bulk write: the role may not create a temporary table, or its columns would round values. */
export function isStagedAsValues(
  written: readonly Field[],
  { hasTemporary, kind, columns }: TableFacts,
): boolean {
  return kind !== undefined && !hasTemporary ||
    written.some((field) => roundsEncoding(field, columns.get(field.column)));
}
