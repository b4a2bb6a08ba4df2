import { fieldsNamed } from "../../model/keys.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import {
  ALL,
  all,
  type Condition,
  hasPrimaryKey,
} from "../../query/statement/condition.ts";
import { hasKeyOf } from "../../query/statement/has_key_of.ts";
import type {
  DeleteReturningStatement,
  UpdateEachReturningStatement,
  UpdateEachStatement,
  UpdateReturningStatement,
} from "../../query/statement/statement.ts";
import { rowPart } from "../../query/write/row_part.ts";
import { find } from "../read/find.ts";
import type { WriteContext } from "./base/write_context.ts";
import { deleteRows } from "./delete_rows.ts";
import { update } from "./update.ts";
import { updateEach } from "./update_each.ts";

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

/**
 * Sets different values in rows, found by their keys, and returns the rows. They
 * are read before too: a row that cannot be read refuses the change.
 */
export async function updateEachReturning(
  context: WriteContext,
  statement: UpdateEachReturningStatement,
): Promise<object[]> {
  const { returning, ...change } = statement;
  const { model, where = ALL } = statement;
  const update: UpdateEachStatement = { ...change, kind: "updateEach" };
  const matching = { model, returning, order: [] };
  const before = await matchingRows(context, {
    ...matching,
    where: all([hasKeyOf(update), where]),
  });
  if (before.length === 0) return before;
  await updateEach(context, update);
  const keys = keysOf(model, before);
  return await rowsWhere(
    context,
    matching,
    hasPrimaryKey(model, keys),
    returning,
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
  return rows.map((row) => rowPart(model, row, returning));
}

type Returning = Pick<
  DeleteReturningStatement,
  "model" | "where" | "returning" | "order"
>;

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
  { model, order }: Pick<Returning, "model" | "order">,
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
