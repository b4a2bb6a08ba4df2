import { fieldsNamed } from "../../model/keys.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import {
  all,
  type Condition,
  hasPrimaryKey,
} from "../../query/statement/condition.ts";
import type {
  DeleteReturningStatement,
  UpdateReturningStatement,
} from "../../query/statement/statement.ts";
import { find } from "../read/find.ts";
import type { WriteContext } from "./base/write_context.ts";
import { deleteRows } from "./delete_rows.ts";
import { update } from "./update.ts";

/**
 * Makes the same change to every row that matches, and returns the rows. They are
 * read before too: a row that cannot be read refuses the change.
 */
export async function updateReturning(
  context: WriteContext,
  statement: UpdateReturningStatement,
): Promise<object[]> {
  const { model, set, operations } = statement;
  const before = await matchingRows(context, statement);
  if (before.length === 0) return before;
  await update(context, {
    kind: "update",
    model,
    where: conditionOn(context, statement, before),
    set,
    operations,
  });
  // The change can set a part of the key.
  const key = fieldsNamed(model, model.primaryKey);
  const keys = keysOf(model, before).map((values) =>
    values.map((value, at) => {
      const field = key[at];
      return field !== undefined && set.has(field) ? set.get(field) : value;
    })
  );
  return await rowsWhere(
    context,
    statement,
    hasPrimaryKey(model, keys),
    statement.returning,
  );
}

/** Deletes all matching rows, and returns them. */
export async function deleteReturning(
  context: WriteContext,
  statement: DeleteReturningStatement,
): Promise<object[]> {
  const { model, returning } = statement;
  const rows = await matchingRows(context, statement);
  if (rows.length === 0) return rows;
  const where = conditionOn(context, statement, rows);
  await deleteRows(context, { kind: "delete", model, where });
  return rows.map((row) => partOf(model, row, returning));
}

type Returning = UpdateReturningStatement | DeleteReturningStatement;

/** Reads the matching rows, with their keys. */
function matchingRows(
  context: WriteContext,
  statement: Returning,
): Promise<object[]> {
  const { model, returning, where } = statement;
  const key = fieldsNamed(model, model.primaryKey);
  const fields = [...new Set([...returning, ...key])];
  return rowsWhere(context, statement, where, fields);
}

function rowsWhere(
  context: WriteContext,
  { model, order }: Returning,
  where: Condition,
  fields: readonly Field[],
): Promise<object[]> {
  return find(context, {
    kind: "find",
    model,
    where,
    order,
    fields,
    limit: undefined,
    offset: 0,
  });
}

/** Returns the condition of the write. A transaction sees the rows that it has read; outside, rows that began to match since then are not written. */
function conditionOn(
  { scope }: WriteContext,
  { model, where }: Returning,
  rows: readonly object[],
): Condition {
  return scope === undefined
    ? all([hasPrimaryKey(model, keysOf(model, rows)), where])
    : where;
}

function keysOf(model: AnyModel, rows: readonly object[]): unknown[][] {
  return rows.map((row) =>
    model.primaryKey.map((name) => Reflect.get(row, name))
  );
}

/** Returns a row with only the given fields. */
function partOf(
  { prototype }: AnyModel,
  row: object,
  fields: readonly Field[],
): object {
  const part: object = Object.create(prototype);
  for (const { name } of fields) {
    Reflect.set(part, name, Reflect.get(row, name));
  }
  return part;
}
