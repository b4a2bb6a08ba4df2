import { sql } from "kysely";
import type { Field } from "../../model/field.ts";
import type { UpsertStatement } from "../../query/statement/statement.ts";
import {
  columnOf,
  columnsOf,
  Slot,
  type Sql,
  tableOf,
  textOfSql,
} from "../codec/sql_piece.ts";
import { onUpdateValues, type Values } from "../../query/write/values.ts";
import type { SqlTransaction } from "../link/link.ts";
import { bindType } from "../codec/column_type.ts";
import { writeText } from "../codec/value_text.ts";
import type { Shape } from "./layers.ts";
import type { Stage } from "./stage.ts";

/** How many rows a merge made and changed. */
export interface Merged {
  readonly inserted: number;
  readonly updated: number;
}

/** What a merge is about. */
interface Merge {
  readonly statement: UpsertStatement;
  readonly table: Sql;
  readonly shape: Shape;
  readonly stage: Stage;
  /** The fields that a row which is there gets from one that wins: `prefer` among them, so that the next is compared with the winner. */
  readonly set: readonly Field[];
  /** The fields that every change sets by itself. */
  readonly stamps: Values;
}

/** Merges a stage into the table; rows that are there are locked, changed or not. */
export async function mergeStage(
  tx: SqlTransaction,
  statement: UpsertStatement,
  schema: string | undefined,
  shape: Shape,
  stage: Stage,
): Promise<Merged> {
  const table = tableOf(statement.model, schema);
  const set = overwritten(statement, shape);
  const stamps = set.length === 0
    ? new Map()
    : onUpdateValues(statement.model, new Set([...shape.given, ...set]));
  const merge: Merge = { statement, table, shape, stage, set, stamps };
  if (isComplete(merge)) return await counts(tx, merge, upsertSql(merge));
  // A row that lacks what a new one needs can still change one that is there; where none is, the insert says what is missing.
  const { updated } = await counts(tx, merge, updateSql(merge));
  const { inserted } = await counts(tx, merge, insertMissingSql(merge));
  return { inserted, updated };
}

function overwritten(
  { update, conflict, prefer }: UpsertStatement,
  { given, columns }: Shape,
): readonly Field[] {
  const asked = (update ?? given).filter((field) => given.includes(field));
  const set = new Set(update?.length === 0 ? [] : [...asked, ...prefer]);
  return columns.filter((field) => set.has(field) && !conflict.includes(field));
}

/** Whether a row of this shape could be a new one. */
function isComplete(
  { statement: { model }, shape: { columns } }: Merge,
): boolean {
  return model.fields.every((field) =>
    field.nullable || field.sqlDefault !== undefined || columns.includes(field)
  );
}

function upsertSql(merge: Merge): Sql {
  const { table, stage: { columns } } = merge;
  return counting(
    sql`insert into ${table} as target (${columnsOf(columns)}) ${
      winners(merge)
    } on conflict ${action(merge)} returning ${isNew(merge)} as fresh`,
  );
}

function insertMissingSql(merge: Merge): Sql {
  const { table, stage: { columns }, statement: { conflict } } = merge;
  return counting(
    sql`insert into ${table} as target (${columnsOf(columns)}) select ${
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
 * The best row of each key, in key order: the greatest by `prefer`, the last of
 * those. What `update` leaves out is the first row's, as if they had come one
 * after the other.
 */
function winners(
  { stage, set, statement: { conflict, prefer, update } }: Merge,
): Sql {
  const key = columnsOf(conflict);
  const order = [
    ...conflict.map(columnOf),
    ...prefer.map((field) => sql`${columnOf(field)} desc nulls last`),
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

/** Whether a row is at least as good as the one that is there, and would change it. */
function wins({ statement: { prefer }, set }: Merge, from: string): Sql {
  const changed = set.some(({ sqlType }) => sqlType?.toLowerCase() === "json")
    ? sql`true`
    : sql`(${of("target", set)}) is distinct from (${of(from, set)})`;
  return sql`${preferred(prefer, from)} and ${changed}`;
}

function preferred([field, ...rest]: readonly Field[], from: string): Sql {
  if (field === undefined) return sql`true`;
  const given = sql.id(from, field.column);
  const there = sql.id("target", field.column);
  const tie = preferred(rest, from);
  return field.nullable
    ? sql`(${given} > ${there} or (${given} is not null and ${there} is null) or (${given} is not distinct from ${there} and ${tie}))`
    : sql`(${given} > ${there} or (${given} = ${there} and ${tie}))`;
}

/** Whether a returned row was made rather than changed. A partitioned table has no `xmax` to tell by; there the snapshot does, which has no new rows. */
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

async function counts(
  tx: SqlTransaction,
  { stamps }: Merge,
  statement: Sql,
): Promise<Merged> {
  const values = [...stamps].map(([field, value]) =>
    value === null ? null : writeText(field.type, value)
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

function assignments({ set, stamps }: Merge, from: string): Sql {
  return sql.join([
    ...set.map((field) =>
      sql`${columnOf(field)} = ${sql.id(from, field.column)}`
    ),
    ...[...stamps.keys()].map((field, place) =>
      sql`${columnOf(field)} = cast(${sql.val(new Slot(place))} as ${
        sql.raw(bindType(field))
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

function of(table: string, fields: readonly Field[]): Sql {
  return sql.join(fields.map(({ column }) => sql.id(table, column)));
}
