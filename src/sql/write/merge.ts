import { sql } from "../link/kysely.ts";
import type { Field } from "../../model/field.ts";
import { isNeverUpdated } from "../../model/server_filling.ts";
import type { UpsertStatement } from "../../query/statement/statement.ts";
import {
  Bound,
  columnOf,
  columnsOf,
  insertTarget,
  type Sql,
  tableOf,
} from "../codec/sql_piece.ts";
import { onUpdateValues, type Values } from "../../query/write/values.ts";
import { type Collations, orderCollation } from "../codec/collations.ts";
import type { RawRow, SqlTransaction } from "../link/link.ts";
import { castType } from "../codec/column_type.ts";
import { writeText } from "../codec/value_text.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import { changesText } from "./changes_text.ts";
import type { Shape } from "./layers.ts";
import { send } from "./send.ts";
import type { StagedRows } from "./stage.ts";
import type { BulkTarget } from "./writer.ts";

/** The result of a merge. */
export interface Merged {
  readonly inserted: number;
  readonly updated: number;
}

/** The input of a merge. */
export interface Merge {
  readonly statement: UpsertStatement;
  readonly facts: TableFacts;
  readonly table: Sql;
  /** How the columns of the table compare text. */
  readonly collations: Collations;
  readonly shape: Shape;
  readonly stage: StagedRows;
  /** The fields that a winning row overwrites, including `prefer`, because the next row is compared with the winner. */
  readonly set: readonly Field[];
  /** The results of `onUpdate`, which every update sets. */
  readonly onUpdate: Values;
}

/** Prepares the merge of a stage into a table. */
export function createMerge(
  statement: UpsertStatement,
  { facts, schema, collations }: BulkTarget,
  shape: Shape,
  stage: StagedRows,
): Merge {
  const table = tableOf(statement.model, schema);
  const set = fieldsToSet(statement, shape);
  const onUpdate = set.length === 0
    ? new Map()
    : onUpdateValues(statement.model, new Set([...shape.given, ...set]));
  return {
    statement,
    facts,
    table,
    collations,
    shape,
    stage,
    set,
    onUpdate,
  };
}

/** Merges a stage into the table with ON CONFLICT. Locks the existing rows, even if it does not change them. */
export async function mergeStage(
  tx: SqlTransaction,
  merge: Merge,
): Promise<Merged> {
  if (isComplete(merge)) return await countOf(tx, upsertSql(merge));
  // A row without all required fields can update an existing row; if there is none, the insert fails with the missing field.
  const updated = merge.set.length === 0 ? 0 : await send(tx, updateSql(merge));
  const { inserted } = await countOf(tx, insertMissingSql(merge));
  return { inserted, updated };
}

function fieldsToSet(
  { update, conflict, prefer }: UpsertStatement,
  { given, columns }: Shape,
): readonly Field[] {
  const requested = (update ?? given).filter((field) => given.includes(field));
  const set = new Set(update?.length === 0 ? [] : [...requested, ...prefer]);
  return columns.filter((field) =>
    set.has(field) && !conflict.includes(field) && !isNeverUpdated(field)
  );
}

/** Whether rows of this shape have all fields that a new row requires. */
export function isComplete(
  { statement: { model }, shape: { columns } }: Merge,
): boolean {
  return model.fields.every((field) =>
    field.nullable || field.filled !== undefined || columns.includes(field)
  );
}

/**
 * Inserts the rows of a merge, or updates the existing ones.
 *
 * @param isCounted whether the statement returns the numbers of both; if not, it returns for each row whether it is new
 */
export function upsertSql(merge: Merge, isCounted = true): Sql {
  const { table, stage: { columns } } = merge;
  const statement = sql`insert into ${table} as target ${
    insertTarget(columns)
  } ${winners(merge)} on conflict ${action(merge)} returning ${
    isNew(merge)
  } as fresh`;
  return isCounted ? counting(statement) : statement;
}

function insertMissingSql(merge: Merge): Sql {
  const { table, stage: { columns }, statement: { conflict } } = merge;
  return counting(
    sql`insert into ${table} as target ${insertTarget(columns)} select ${
      columnsOf(columns)
    } from (${
      winners(merge)
    }) as source where not exists (select from ${table} as present where ${
      equal("present", "source", conflict)
    }) order by ${columnsOf(conflict)} on conflict ${action(merge)} returning ${
      isNew(merge)
    } as fresh`,
  );
}

/** Updates the existing rows of a merge that sets fields. */
export function updateSql(merge: Merge): Sql {
  const { table, statement: { conflict } } = merge;
  return sql`update ${table} as target set ${
    assignments(merge, "source")
  } from (${winners(merge)}) as source where ${
    equal("target", "source", conflict)
  } and ${wins(merge, "source")}`;
}

/**
 * Selects the winning row of each key, in key order: the greatest by `prefer`,
 * and the last of equal rows. Fields that `update` excludes come from the first
 * row, as if the rows were written one after the other.
 */
export function winners(
  { stage, set, collations, statement: { conflict, prefer, update } }: Merge,
): Sql {
  if (hasDistinctKeys(stage)) {
    return sql`select ${columnsOf(stage.columns)} from ${stage.source}`;
  }
  const key = columnsOf(conflict);
  const order = [
    ...conflict.map(columnOf),
    ...prefer.map((field) =>
      sql`${stagedInOrder(field, collations)} desc nulls last`
    ),
    sql`${stage.position} desc`,
  ];
  const columns = stage.columns.map((field) =>
    update === undefined || set.includes(field) || conflict.includes(field)
      ? columnOf(field)
      : sql`first_value(${
        columnOf(field)
      }) over (partition by ${key} order by ${stage.position}) as ${
        columnOf(field)
      }`
  );
  return sql`select distinct on (${key}) ${
    sql.join(columns)
  } from ${stage.source} order by ${sql.join(order)}`;
}

/** Whether the rows are known to have different keys, and are in key order. */
export function hasDistinctKeys(
  { rows, isAscending }: Pick<StagedRows, "rows" | "isAscending">,
): boolean {
  return rows() === 1 || isAscending();
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
function wins(merge: Merge, from: string): Sql {
  const { facts, collations, set, statement: { prefer } } = merge;
  return sql`${preferred(prefer, from, collations)} and ${
    sql.raw(changesText(set, facts, "target", from))
  }`;
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

/** A column of the stage, which has the default collation of the database, in the order of the field. */
function stagedInOrder(field: Field, collations: Collations): Sql {
  const collation = orderCollation(field, collations);
  return collation === undefined
    ? columnOf(field)
    : sql`${columnOf(field)} collate ${sql.id(collation)}`;
}

/** The condition that a returned row was inserted, not updated. Only plain tables expose `xmax`; for others it looks for the row in the snapshot, which has no new rows. */
function isNew({ table, facts, statement: { conflict } }: Merge): Sql {
  return facts.kind === "r" || facts.kind === undefined
    ? sql`(target.xmax = 0)`
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

function assignments({ set, onUpdate }: Merge, from: string): Sql {
  return sql.join([
    ...set.map((field) =>
      sql`${columnOf(field)} = ${sql.id(from, field.column)}`
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
