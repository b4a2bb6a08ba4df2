import { sql } from "kysely";
import type { Field } from "../../model/field.ts";
import { isNeverUpdated } from "../../model/server_filling.ts";
import type { UpsertStatement } from "../../query/statement/statement.ts";
import {
  columnOf,
  columnsOf,
  insertTarget,
  Slot,
  type Sql,
  tableOf,
  textOfSql,
} from "../codec/sql_piece.ts";
import { onUpdateValues, type Values } from "../../query/write/values.ts";
import { type Collations, orderCollation } from "../codec/collations.ts";
import type { SqlTransaction } from "../link/link.ts";
import { castType } from "../codec/column_type.ts";
import { writeText } from "../codec/value_text.ts";
import type { Shape } from "./layers.ts";
import type { Stage } from "./stage.ts";

/** The result of a merge. */
export interface Merged {
  readonly inserted: number;
  readonly updated: number;
}

/** The input of a merge. */
interface Merge {
  readonly statement: UpsertStatement;
  readonly table: Sql;
  /** How the columns of the table compare text. */
  readonly collations: Collations;
  readonly shape: Shape;
  readonly stage: Stage;
  /** The fields that a winning row overwrites, including `prefer`, because the next row is compared with the winner. */
  readonly set: readonly Field[];
  /** The results of `onUpdate`, which every update sets. */
  readonly onUpdate: Values;
}

/** Merges a stage into the table. Locks the existing rows, even if it does not change them. */
export async function mergeStage(
  tx: SqlTransaction,
  statement: UpsertStatement,
  { schema, collations }: {
    readonly schema: string | undefined;
    readonly collations: Collations;
  },
  shape: Shape,
  stage: Stage,
): Promise<Merged> {
  const table = tableOf(statement.model, schema);
  const set = fieldsToSet(statement, shape);
  const onUpdate = set.length === 0
    ? new Map()
    : onUpdateValues(statement.model, new Set([...shape.given, ...set]));
  const merge: Merge = {
    statement,
    table,
    collations,
    shape,
    stage,
    set,
    onUpdate,
  };
  if (isComplete(merge)) return await execute(tx, merge, upsertSql(merge));
  // A row without all required fields can update an existing row; if there is none, the insert fails with the missing field.
  const { updated } = await execute(tx, merge, updateSql(merge));
  const { inserted } = await execute(tx, merge, insertMissingSql(merge));
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
function isComplete(
  { statement: { model }, shape: { columns } }: Merge,
): boolean {
  return model.fields.every((field) =>
    field.nullable || field.filled !== undefined || columns.includes(field)
  );
}

function upsertSql(merge: Merge): Sql {
  const { table, stage: { columns } } = merge;
  return counting(
    sql`insert into ${table} as target ${insertTarget(columns)} ${
      winners(merge)
    } on conflict ${action(merge)} returning ${isNew(merge)} as fresh`,
  );
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

function updateSql(merge: Merge): Sql {
  const { table, set, statement: { conflict } } = merge;
  if (set.length === 0) return sql`select 0 as inserted, 0 as updated`;
  return counting(
    sql`update ${table} as target set ${assignments(merge, "source")} from (${
      winners(merge)
    }) as source where ${equal("target", "source", conflict)} and ${
      wins(merge, "source")
    } returning false as fresh`,
  );
}

/**
 * Selects the winning row of each key, in key order: the greatest by `prefer`,
 * and the last of equal rows. Fields that `update` excludes come from the first
 * row, as if the rows were written one after the other.
 */
function winners(
  { stage, set, collations, statement: { conflict, prefer, update } }: Merge,
): Sql {
  const key = columnsOf(conflict);
  const order = [
    ...conflict.map(columnOf),
    ...prefer.map((field) =>
      sql`${stagedInOrder(field, collations)} desc nulls last`
    ),
    sql`ctid desc`,
  ];
  const columns = stage.columns.map((field) =>
    update === undefined || set.includes(field) || conflict.includes(field)
      ? columnOf(field)
      : sql`first_value(${
        columnOf(field)
      }) over (partition by ${key} order by ctid) as ${columnOf(field)}`
  );
  return sql`select distinct on (${key}) ${
    sql.join(columns)
  } from ${stage.table} order by ${sql.join(order)}`;
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
function wins(
  { statement: { prefer }, set, collations }: Merge,
  from: string,
): Sql {
  const changed = set.some(({ sqlType }) => sqlType?.toLowerCase() === "json")
    ? sql`true`
    : sql`(${qualified("target", set)}) is distinct from (${
      qualified(from, set)
    })`;
  return sql`${preferred(prefer, from, collations)} and ${changed}`;
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

/** The condition that a returned row was inserted, not updated. Partitioned tables do not expose `xmax`; for them it looks for the row in the snapshot, which has no new rows. */
function isNew({ table, statement: { model, conflict } }: Merge): Sql {
  return model.partitionBy === undefined
    ? sql`(target.xmax = 0)`
    : sql`not exists (select from ${table} as before where ${
      equal("before", "target", conflict)
    })`;
}

function counting(statement: Sql): Sql {
  return sql`with merged as (${statement}) select count(*) filter (where fresh) as inserted, count(*) filter (where not fresh) as updated from merged`;
}

async function execute(
  tx: SqlTransaction,
  { onUpdate }: Merge,
  statement: Sql,
): Promise<Merged> {
  const values = [...onUpdate].map(([field, value]) =>
    value === null ? null : writeText(field, value)
  );
  const { text, order } = textOfSql(statement);
  let merged: Merged = { inserted: 0, updated: 0 };
  await tx.query(
    { text, values: order.map((index) => values[index] ?? null) },
    ([inserted, updated]) => {
      merged = { inserted: Number(inserted), updated: Number(updated) };
    },
  );
  return merged;
}

function assignments({ set, onUpdate }: Merge, from: string): Sql {
  return sql.join([
    ...set.map((field) =>
      sql`${columnOf(field)} = ${sql.id(from, field.column)}`
    ),
    ...[...onUpdate.keys()].map((field, index) =>
      sql`${columnOf(field)} = cast(${sql.val(new Slot(index))} as ${
        sql.raw(castType(field))
      })`
    ),
  ]);
}

function equal(left: string, right: string, fields: readonly Field[]): Sql {
  return sql.join(
    fields.map(({ column }) =>
      sql`${sql.id(left, column)} = ${sql.id(right, column)}`
    ),
    sql` and `,
  );
}

function qualified(table: string, fields: readonly Field[]): Sql {
  return sql.join(fields.map(({ column }) => sql.id(table, column)));
}
