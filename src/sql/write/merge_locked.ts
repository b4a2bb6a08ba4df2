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
import { assignments, equal, type Merged, wins } from "./merge.ts";
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
  // The rows that one statement updates and inserts cannot be returned together with its counts.
  if (!hasPlainRows(merge) || merge.statement.returning !== undefined) {
    await refuseRepeated(tx, merge);
    return await mergeApart(tx, merge);
  }
  const { inserted, updated, changes, keys, matches } = await mergeMatched(
    tx,
    merge,
  );
  if (matches > keys) await refuseRepeated(tx, merge);
  if (updated === changes) return { inserted, updated };
  // Another transaction changed or deleted some of the rows after they were found.
  const rest = await mergeApart(tx, merge);
  return {
    inserted: inserted + rest.inserted,
    updated: updated + rest.updated,
  };
}

/** Whether the place of a row identifies it, and all writes of a statement take place. */
function hasPlainRows({ facts }: Merge): boolean {
  const { kind, isReadable, skips } = facts;
  return (kind === "r" || kind === "p") && isReadable && !skips.insert &&
    !skips.update;
}

interface Matched extends Merged {
  /** The number of existing rows to update. */
  readonly changes: number;
  /** The number of keys. */
  readonly keys: number;
  /** The number of rows that the table had for each key, or one if it had none. */
  readonly matches: number;
}

/** Updates the existing rows, and inserts the missing ones: one join finds all. */
async function mergeMatched(
  tx: SqlTransaction,
  merge: Merge,
): Promise<Matched> {
  const { table, stage, set, isDistinct, statement: { conflict } } = merge;
  const columns = columnsOf(stage.columns);
  const isChanged = set.length === 0 ? sql`false` : wins(merge, "source");
  const update = set.length === 0
    ? sql`select from matched where false`
    : sql`update ${table} as target set ${
      assignments(merge, "source")
    } from matched as source where target.ctid = source.dbp_row and target.tableoid = source.dbp_table and source.dbp_changes returning 1`;
  const keys = isDistinct
    ? sql`${sql.lit(stage.rows())}`
    : sql`(select count(*) from (${keysSql(merge)}) as given)`;
  let counts: readonly number[] = [];
  await send(
    tx,
    sql`with matched as materialized (select source.*, target.ctid as dbp_row, target.tableoid as dbp_table, ${isChanged} as dbp_changes from (${
      winners(merge)
    }) as source left join ${table} as target on ${
      equal("target", "source", conflict)
    }), updated as (${update}), added as (insert into ${table} ${
      insertTarget(stage.columns)
    } select ${columns} from matched where dbp_row is null returning 1) select (select count(*) from updated), (select count(*) from added), (select count(*) from matched where dbp_row is not null and dbp_changes), ${keys}, (select count(*) from matched)`,
    (row) => void (counts = row.map(Number)),
  );
  const [updated = 0, inserted = 0, changes = 0, given = 0, matches = 0] =
    counts;
  return { inserted, updated, changes, keys: given, matches };
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
