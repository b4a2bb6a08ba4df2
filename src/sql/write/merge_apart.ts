import { sql } from "../link/kysely.ts";
import { DatabaseError } from "../../base/errors/mod.ts";
import { columnsOf, insertTarget, type Sql } from "../codec/sql_piece.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { Merge } from "./create_merge.ts";
import { countOf, equal, type Merged, updateExisting } from "./merge.ts";
import { send } from "./send.ts";
import { NOTHING, sendWrite, type WrittenRows } from "./send_write.ts";
import { winners } from "./winners.ts";

/** Whether a stage can be merged with ON CONFLICT and its counts: not into tables with rules, by deferrable keys, or with rights on some columns only. */
export function mergesAtOnce({ facts }: Pick<Merge, "facts">): boolean {
  return facts.kind === undefined ||
    (facts.takesOnConflict && facts.isReadable);
}

/**
 * Merges a stage in two statements: updates the existing rows, then inserts the
 * missing ones. A row that another transaction inserts in between is updated, or
 * is a `DuplicateKeyError`, after which the merge can be repeated.
 *
 * @throws {DatabaseError} if row-level security hides the row of a key
 */
export async function mergeApart(
  tx: SqlTransaction,
  merge: Merge,
): Promise<Merged> {
  const first = await updateExisting(tx, merge);
  const { added, missing } = await insertMissing(tx, merge);
  if (added.count === missing) return mergedOf(added, [first]);
  const second = await updateExisting(tx, merge);
  await refuseHiddenRows(tx, merge);
  return mergedOf(added, [first, second]);
}

function mergedOf(added: WrittenRows, updates: readonly WrittenRows[]): Merged {
  return {
    inserted: added.count,
    updated: updates.reduce((sum, { count }) => sum + count, 0),
    rows: [added, ...updates].flatMap(({ rows }) => rows),
  };
}

/** Inserts the missing rows. Returns the inserted rows, and the number of those that were missing. */
async function insertMissing(
  tx: SqlTransaction,
  merge: Merge,
): Promise<{ added: WrittenRows; missing: number }> {
  const { table, facts, stage: { columns }, statement } = merge;
  const { conflict, isUnique } = statement;
  const insertFrom = (source: Sql): Sql =>
    sql`insert into ${table} ${insertTarget(columns)} select ${
      columnsOf(columns)
    } from ${source} order by ${columnsOf(conflict)}`;
  const rule = facts.takesOnConflict && isUnique
    ? sql` on conflict (${columnsOf(conflict)}) do nothing`
    : sql``;
  // A table with rules takes no insert in a WITH.
  if (facts.rules.insert || statement.returning !== undefined) {
    const source = sql`(${missingSql(merge)}) as missing`;
    const missing = await send(tx, sql`select from ${source}`);
    const piece = facts.rules.insert
      ? insertFrom(source)
      : sql`${insertFrom(source)}${rule}`;
    return { added: await sendWrite(tx, statement, piece), missing };
  }
  const { inserted, updated: missing } = await countOf(
    tx,
    sql`with missing as materialized (${missingSql(merge)}), added as (${
      insertFrom(sql`missing`)
    }${rule} returning 1) select (select count(*) from added), (select count(*) from missing)`,
  );
  return { added: { count: inserted, rows: NOTHING.rows }, missing };
}

function missingSql(merge: Merge): Sql {
  const { table, statement: { conflict } } = merge;
  return sql`select * from (${
    winners(merge)
  }) as source where not exists (select from ${table} as present where ${
    equal("present", "source", conflict)
  })`;
}

async function refuseHiddenRows(
  tx: SqlTransaction,
  merge: Merge,
): Promise<void> {
  const { facts, statement: { model } } = merge;
  if (!facts.hasPolicies) return;
  const hidden = await send(tx, missingSql(merge));
  if (hidden === 0) return;
  throw new DatabaseError(
    `Cannot upsert ${model.name}: ${hidden} rows were not written, because row-level security hides existing rows with their keys, or a trigger discarded them`,
  );
}
