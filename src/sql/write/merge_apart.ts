import { sql } from "kysely";
import { DatabaseError } from "../../base/errors/mod.ts";
import { columnsOf, insertTarget, type Sql } from "../codec/sql_piece.ts";
import type { SqlTransaction } from "../link/link.ts";
import {
  countOf,
  equal,
  type Merge,
  type Merged,
  updateSql,
  winners,
} from "./merge.ts";
import { send } from "./send.ts";

/** Whether a stage can be merged with ON CONFLICT and its counts: not into views, by deferrable keys, or with rights on some columns only. */
export function mergesAtOnce({ facts }: Pick<Merge, "facts">): boolean {
  return facts.kind === undefined ||
    (facts.takesOnConflict && facts.isReadable && !facts.hasRules);
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
  const first = await countOf(tx, updateSql(merge));
  // Added and missing rows.
  const { inserted, updated: missing } = await countOf(
    tx,
    insertMissingSql(merge),
  );
  if (inserted === missing) return { inserted, updated: first.updated };
  const second = await countOf(tx, updateSql(merge));
  await refuseHiddenRows(tx, merge);
  return { inserted, updated: first.updated + second.updated };
}

function insertMissingSql(merge: Merge): Sql {
  const { table, facts, stage: { columns }, statement: { conflict } } = merge;
  const rule = facts.takesOnConflict
    ? sql`on conflict (${columnsOf(conflict)}) do nothing`
    : sql``;
  return sql`with missing as materialized (${missingSql(merge)}), added as (
    insert into ${table} ${insertTarget(columns)} select ${
    columnsOf(columns)
  } from missing order by ${
    columnsOf(conflict)
  } ${rule} returning 1) select (select count(*) from added), (select count(*) from missing)`;
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
