import { sql } from "../link/kysely.ts";
import { repeatedRows } from "../../query/write/repeated_rows.ts";
import {
  columnOf,
  columnsOf,
  insertTarget,
  type Sql,
} from "../codec/sql_piece.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { Merge } from "./create_merge.ts";
import { lockKeys } from "./lock_keys.ts";
import { equal, type Merged, updateSql } from "./merge.ts";
import { mergeApart } from "./merge_apart.ts";
import { send } from "./send.ts";
import { winners } from "./winners.ts";

/**
 * Merges a stage by fields that are not a unique key: locks the keys, so that no
 * other upsert can insert them, updates the existing rows, and inserts the
 * missing ones.
 *
 * @param isWhole whether the call writes no other rows
 * @throws {MultipleRowsError} if several existing rows have one of the keys; some rows are then written
 */
export async function mergeLocked(
  tx: SqlTransaction,
  merge: Merge,
  isWhole: boolean,
): Promise<Merged> {
  await lockKeys(tx, merge, isWhole);
  // A table with rules accepts no insert in a WITH.
  if (merge.facts.rules.insert) {
    await refuseRepeated(tx, merge);
    return await mergeApart(tx, merge);
  }
  const updated = merge.set.length === 0 ? 0 : await send(tx, updateSql(merge));
  const { inserted, keys, matches } = await insertMissing(tx, merge);
  if (matches > keys) await refuseRepeated(tx, merge);
  return { inserted, updated };
}

/** Inserts the missing rows, and counts the keys and the rows that the table had for each, or one if it had none: one join finds all. */
async function insertMissing(
  tx: SqlTransaction,
  merge: Merge,
): Promise<{ inserted: number; keys: number; matches: number }> {
  const { table, stage, isDistinct, statement: { conflict } } = merge;
  const columns = columnsOf(stage.columns);
  const keys = isDistinct
    ? sql`${sql.lit(stage.rows())}`
    : sql`(select count(*) from (${keysSql(merge)}) as given)`;
  let counts: readonly number[] = [];
  await send(
    tx,
    sql`with matched as materialized (select source.*, dbp_exists from (${
      winners(merge)
    }) as source left join (select ${
      columnsOf(conflict)
    }, true as dbp_exists from ${table}) as present on ${
      equal("present", "source", conflict)
    }), added as (insert into ${table} ${
      insertTarget(stage.columns)
    } select ${columns} from matched where dbp_exists is null returning 1) select (select count(*) from added), ${keys}, (select count(*) from matched)`,
    (row) => void (counts = row.map(Number)),
  );
  const [inserted = 0, given = 0, matches = 0] = counts;
  return { inserted, keys: given, matches };
}

async function refuseRepeated(
  tx: SqlTransaction,
  merge: Merge,
): Promise<void> {
  const { table, statement } = merge;
  const { conflict } = statement;
  const key = conflict.map((field) => sql`source.${columnOf(field)}`);
  const texts = key.map((column) => sql`cast(${column} as text)`);
  let found: readonly (string | null)[] | undefined;
  await send(
    tx,
    sql`select count(*), ${sql.join(texts)} from (${
      keysSql(merge)
    }) as source join ${table} as present on ${
      equal("present", "source", conflict)
    } group by ${sql.join(key)} having count(*) > 1 limit 1`,
    (row) =>
      void (found = row.map((text) => text === null ? null : String(text))),
  );
  if (found === undefined) return;
  const [count, ...values] = found;
  throw repeatedRows(statement, values, count);
}

/** The keys of a merge, each once. */
function keysSql({ stage, isDistinct, statement: { conflict } }: Merge): Sql {
  const key = columnsOf(conflict);
  return isDistinct
    ? sql`select ${key} from ${stage.source}`
    : sql`select distinct ${key} from ${stage.source}`;
}
