import { sql } from "../link/kysely.ts";
import type { Field } from "../../model/field.ts";
import {
  Bound,
  columnOf,
  columnsOf,
  insertTarget,
  type Sql,
} from "../codec/sql_piece.ts";
import type { Collations } from "../codec/collations.ts";
import type { RawRow, SqlTransaction } from "../link/link.ts";
import { modelRows } from "../codec/model_rows.ts";
import { castType } from "../codec/column_type.ts";
import { writeText } from "../codec/value_text.ts";
import { changesText } from "./changes_text.ts";
import { isComplete, type Merge } from "./create_merge.ts";
import { mergedText } from "./merged_value.ts";
import { send } from "./send.ts";
import {
  NOTHING,
  returnedColumns,
  sendWrite,
  type WrittenRows,
} from "./send_write.ts";
import { hasDistinctKeys } from "./stage.ts";
import { winners } from "./winners.ts";

/** The result of a merge. */
export interface Merged {
  readonly inserted: number;
  readonly updated: number;
  /** The rows that were written; left out or empty if the statement returns no rows. */
  readonly rows?: readonly object[];
}

/** Merges a stage into the table with ON CONFLICT. Locks the existing rows, even if it does not change them. */
export async function mergeStage(
  tx: SqlTransaction,
  merge: Merge,
): Promise<Merged> {
  if (isComplete(merge)) return await mergedBy(tx, merge, upsertSql);
  // A row without all required fields can update an existing row; if there is none, the insert fails with the missing field.
  const first = await updateExisting(tx, merge);
  const { inserted, updated, rows = [] } = await mergedBy(
    tx,
    merge,
    insertMissingSql,
  );
  return {
    inserted,
    updated: first.count + updated,
    rows: [...first.rows, ...rows],
  };
}

/** Updates the existing rows of a merge. */
export async function updateExisting(
  tx: SqlTransaction,
  merge: Merge,
): Promise<WrittenRows> {
  return merge.set.length === 0
    ? NOTHING
    : await sendWrite(tx, merge.statement, updateSql(merge), "target");
}

/** Executes a statement that inserts rows or updates existing ones. */
async function mergedBy(
  tx: SqlTransaction,
  merge: Merge,
  write: (merge: Merge, isCounted: boolean) => Sql,
): Promise<Merged> {
  const { model, returning } = merge.statement;
  if (returning === undefined) return await countOf(tx, write(merge, true));
  const rows: object[] = [];
  let inserted = 0;
  await send(
    tx,
    write(merge, false),
    modelRows(model, returning, (row, isNew) => {
      rows.push(row);
      if (isNew) inserted++;
    }),
  );
  return { inserted, updated: rows.length - inserted, rows };
}

/**
 * Inserts the rows of a merge, or updates the existing ones.
 *
 * @param isCounted whether the statement returns the numbers of both; if not, it returns for each row its requested fields, and whether it is new
 */
export function upsertSql(merge: Merge, isCounted = true): Sql {
  const { table, isDistinct, stage, statement: { conflict } } = merge;
  // The winners of several keys are in key order already.
  const order = isDistinct && !hasDistinctKeys(stage)
    ? sql` order by ${columnsOf(conflict)}`
    : sql``;
  const statement = sql`insert into ${table} as target ${
    insertTarget(stage.columns)
  } ${winners(merge)}${order} on conflict ${action(merge)}`;
  return returningFresh(merge, statement, isCounted);
}

/** Adds to a statement what it returns: numbers, or the requested fields of each row and whether it is new. */
function returningFresh(
  merge: Merge,
  statement: Sql,
  isCounted: boolean,
): Sql {
  const { returning = [] } = merge.statement;
  const fresh = sql`${isNew(merge)} as fresh`;
  if (isCounted) return counting(sql`${statement} returning ${fresh}`);
  return returning.length === 0
    ? sql`${statement} returning ${fresh}`
    : sql`${statement} returning ${
      returnedColumns(returning, "target")
    }, ${fresh}`;
}

function insertMissingSql(merge: Merge, isCounted: boolean): Sql {
  const { table, stage: { columns }, statement: { conflict } } = merge;
  return returningFresh(
    merge,
    sql`insert into ${table} as target ${insertTarget(columns)} select ${
      columnsOf(columns)
    } from (${
      winners(merge)
    }) as source where not exists (select from ${table} as present where ${
      equal("present", "source", conflict)
    }) order by ${columnsOf(conflict)} on conflict ${action(merge)}`,
    isCounted,
  );
}

/** Updates the existing rows of a merge that sets fields. */
function updateSql(merge: Merge): Sql {
  const { table, statement: { conflict } } = merge;
  return sql`update ${table} as target set ${
    assignments(merge, "source")
  } from (${winners(merge)}) as source where ${
    equal("target", "source", conflict)
  } and ${wins(merge, "source")}`;
}

function action(merge: Merge): Sql {
  const target = sql`(${columnsOf(merge.statement.conflict)})`;
  return merge.set.length === 0
    ? sql`${target} do nothing`
    : sql`${target} do update set ${assignments(merge, "excluded")} where ${
      wins(merge, "excluded")
    }`;
}

/** The condition that a row is not less than the existing row, and would change it. */
export function wins(merge: Merge, from: string): Sql {
  const { facts, collations, set, statement: { prefer } } = merge;
  const changes = changesText(
    set,
    facts,
    "target",
    (field) => newValue(merge, field, from),
  );
  return sql`${preferred(prefer, from, collations)} and ${sql.raw(changes)}`;
}

/** The value that an update writes to a field. */
function newValue(
  { collations, statement }: Merge,
  field: Field,
  from: string,
): string {
  const rule = statement.merge.get(field);
  return mergedText(field, rule, collations, "target", from);
}

function preferred(
  [field, ...rest]: readonly Field[],
  from: string,
  collations: Collations,
): Sql {
  if (field === undefined) return sql`true`;
  const given = inOrder(sql.id(from, field.column), field, collations);
  const existing = sql.id("target", field.column);
  const tie = preferred(rest, from, collations);
  return field.nullable
    ? sql`(${given} > ${existing} or (${given} is not null and ${existing} is null) or (${given} is not distinct from ${existing} and ${tie}))`
    : sql`(${given} > ${existing} or (${given} = ${existing} and ${tie}))`;
}

/** A column for a comparison by order with that of the table. The collation of one operand decides for both. */
function inOrder(column: Sql, field: Field, collations: Collations): Sql {
  return collations.needsC(field) ? sql`${column} collate "C"` : column;
}

/**
 * The condition that a returned row was inserted, not updated. Only plain tables
 * expose `xmax`. Before version 18, it looks for a row of other tables in the
 * snapshot, which has no new rows, also not those of other transactions.
 */
function isNew({ table, facts, statement: { conflict } }: Merge): Sql {
  const { kind, returnsOld } = facts;
  if (kind === "r" || kind === undefined) return sql`(target.xmax = 0)`;
  const [first] = conflict;
  return kind === "p" && returnsOld && first !== undefined
    ? sql`(${sql.id("old", first.column)} is null)`
    : sql`not exists (select from ${table} as before where ${
      equal("before", "target", conflict)
    })`;
}

function counting(statement: Sql): Sql {
  return sql`with merged as (${statement}) select count(*) filter (where fresh) as inserted, count(*) filter (where not fresh) as updated from merged`;
}

/** Executes a statement that returns the numbers of inserted and of updated rows. */
export async function countOf(
  tx: SqlTransaction,
  statement: Sql,
): Promise<Merged> {
  let merged: Merged = { inserted: 0, updated: 0 };
  await send(tx, statement, (row) => void (merged = readCounts(row)));
  return merged;
}

/** Reads the numbers of inserted and of updated rows. */
export function readCounts([inserted, updated]: RawRow): Merged {
  return { inserted: Number(inserted), updated: Number(updated) };
}

/** Reads whether the only row of an upsert is new. */
export function readCount([isNew]: RawRow): Merged {
  const inserted = isNew === "t" ? 1 : 0;
  return { inserted, updated: 1 - inserted };
}

/** The assignments of an update to the row `target`. */
export function assignments(merge: Merge, from: string): Sql {
  const { set, onUpdate } = merge;
  return sql.join([
    ...set.map((field) =>
      sql`${columnOf(field)} = ${sql.raw(newValue(merge, field, from))}`
    ),
    ...[...onUpdate].map(([field, value]) =>
      sql`${columnOf(field)} = cast(${
        sql.val(new Bound(updateText(field, value)))
      } as ${sql.raw(castType(field))})`
    ),
  ]);
}

/** The values that the statement of a merge contains, besides its rows. */
export function updateTexts({ onUpdate }: Merge): readonly (string | null)[] {
  return [...onUpdate].map(([field, value]) => updateText(field, value));
}

function updateText(field: Field, value: unknown): string | null {
  return value === null ? null : writeText(field, value);
}

/** The condition that two rows have the same values. */
export function equal(
  left: string,
  right: string,
  fields: readonly Field[],
): Sql {
  return sql.join(
    fields.map(({ column }) =>
      sql`${sql.id(left, column)} = ${sql.id(right, column)}`
    ),
    sql` and `,
  );
}
