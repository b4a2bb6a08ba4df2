import { sql } from "../link/kysely.ts";
import { isLeftToServer } from "../../model/server_filling.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed, keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import type {
  InsertStatement,
  Outcome,
} from "../../query/statement/statement.ts";
import {
  columnOf,
  columnsOf,
  insertTarget,
  type Sql,
  tableOf,
} from "../codec/sql_piece.ts";
import { modelRows } from "../codec/model_rows.ts";
import { areReadable } from "./are_readable.ts";
import type { CollisionMemory } from "./insert.ts";
import type { Layer } from "./layer.ts";
import { POSITION } from "./rows_source.ts";
import { returnedKind, returningClause } from "./send_write.ts";
import { lostRowCondition, withSequenceAdvice } from "./taken_numbers.ts";
import type { SendAlone } from "./write_alone.ts";
import type { BulkTarget } from "./writer.ts";

/** The maximum number of rows, unless keys collide: COPY writes more rows faster. */
const FEW_ROWS = 100;

/** Inserts few rows with one statement. Returns undefined if that needs a transaction, or COPY is faster. */
export async function insertAlone(
  send: SendAlone,
  { model, onConflict, returning }: InsertStatement,
  { facts, schema, isInside }: BulkTarget,
  collisions: CollisionMemory,
  layer: Layer,
): Promise<Outcome<InsertStatement> | undefined> {
  const { rows, shape: { columns } } = layer;
  const isIgnoring = onConflict === "ignore";
  const table = tableOf(model, schema);
  if (
    isInside || facts.kind === undefined || columns.length === 0 ||
    (rows > FEW_ROWS && !(isIgnoring && collisions.get())) ||
    (isIgnoring && (!facts.takesOnConflict ||
      lostRowCondition(model, table, columns) !== undefined)) ||
    (returning !== undefined && !areReadable(returning, columns, facts))
  ) return undefined;
  const written: object[] = [];
  let inserted;
  try {
    inserted = await send({
      model,
      facts,
      layer,
      kind: `insert, ${onConflict}${returnedKind(returning)}`,
      values: [],
      text: (source) =>
        sql`insert into ${table} ${insertTarget(columns)} select ${
          columnsOf(columns)
        } from ${source} ${
          rows === 1
            ? sql``
            : sql`order by ${sql.join(orderOf(model, columns))}`
        } ${isIgnoring ? sql`on conflict do nothing` : sql``}${
          returningClause(returning)
        }`,
    }, returning && modelRows(model, returning, (row) => written.push(row)));
  } catch (error) {
    throw withSequenceAdvice(error, model, columns);
  }
  if (inserted === undefined) return undefined;
  collisions.set(inserted < rows);
  const outcome = { inserted, ignored: rows - inserted };
  return returning === undefined ? outcome : { ...outcome, rows: written };
}

/**
 * Returns the order of the rows. That of the key avoids deadlocks; but the server
 * numbers rows in their own order, which also decides which of two rows with the
 * same second key is inserted.
 */
function orderOf(model: AnyModel, columns: readonly Field[]): readonly Sql[] {
  const [key = [], ...others] = keysOf(model);
  const isNumbered = model.fields.some((field) =>
    isLeftToServer(field) && !columns.includes(field)
  );
  return others.length > 0 || isNumbered
    ? [POSITION]
    : [...fieldsNamed(model, key).map(columnOf), POSITION];
}
