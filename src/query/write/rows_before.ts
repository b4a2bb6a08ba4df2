import type { AnyModel } from "../../model/types.ts";
import type { Executor } from "../statement/executor.ts";
import type { Condition } from "../statement/condition.ts";
import { hasKeyOf } from "../statement/has_key_of.ts";
import type { UpdateEachStatement } from "../statement/statement.ts";

/**
 * Returns the number of rows that a write will find, if the database may discard
 * the write of a row that it finds; otherwise undefined, because the number of
 * written rows is the same.
 */
export async function rowsBefore(
  executor: Executor,
  model: AnyModel,
  write: "update" | "delete",
  where: Condition,
): Promise<number | undefined> {
  return await executor.mayDiscard?.(model, write) === true
    ? await executor.run({ kind: "count", model, where, max: undefined })
    : undefined;
}

/**
 * Returns the number of rows that an update found and that are still found, if
 * the database has begun to discard writes since it was asked; otherwise undefined.
 */
export async function rowsAfter(
  executor: Executor,
  model: AnyModel,
  where: Condition,
): Promise<number | undefined> {
  return await executor.mayDiscard?.(model, "update", true) === true
    ? await executor.run({ kind: "count", model, where, max: undefined })
    : undefined;
}

/**
 * Returns the number of rows that an update by key found, if the database has
 * begun to discard writes since it was asked; otherwise undefined.
 *
 * @param updated the number of rows that it wrote
 */
export async function rowsFound(
  executor: Executor,
  statement: UpdateEachStatement,
  updated: number,
): Promise<number | undefined> {
  if (updated === statement.changes.length) return undefined;
  const found = await rowsAfter(executor, statement.model, hasKeyOf(statement));
  // An update changes the version, so that its rows are not found again.
  return found === undefined || !isVersioned(statement)
    ? found
    : found + updated;
}

/** Whether an update finds rows by their versions too. */
export function isVersioned({ model, key }: UpdateEachStatement): boolean {
  return key.length > model.primaryKey.length;
}
