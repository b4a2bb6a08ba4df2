import { DiscardedRowError, StaleRowError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { versionOf } from "../../model/version.ts";
import type { Executor } from "../statement/executor.ts";
import { hasPrimaryKey } from "../statement/condition.ts";
import { hasKeyOf } from "../statement/has_key_of.ts";
import type { UpdateEachStatement } from "../statement/statement.ts";
import { updateEachOf } from "../write/assignments.ts";
import { keyRow, missingKeys, movedOnError } from "../write/moved_rows.ts";
import { rowsBefore, rowsFound } from "../write/rows_before.ts";
import { keyAfterWrite, type Mark } from "./marks.ts";
import {
  type Group,
  modelOf,
  type Plan,
  rowIdentities,
} from "./plan_writes.ts";

/** Writes a plan of one update without a transaction. Returns undefined, and has written nothing, if it needs one, or if a row is missing. */
export async function writePlanAlone(
  executor: Executor,
  { updates: [group, ...others], deletes }: Plan,
): Promise<{ updated: number; deleted: number } | undefined> {
  if (group === undefined || others.length > 0 || deletes.length > 0) {
    return undefined;
  }
  const updated = await executor.updateAlone?.({
    ...updateOf(group),
    needsAll: true,
  });
  return updated === undefined ? undefined : { updated, deleted: 0 };
}

/**
 * Writes a plan in a transaction.
 *
 * @throws {StaleRowError} if the database no longer holds a marked row
 * @throws {DiscardedRowError} if the database holds the rows and discards a write
 */
export async function writePlan(
  executor: Executor,
  { updates, deletes }: Plan,
): Promise<{ updated: number; deleted: number }> {
  let updated = 0;
  for (const group of updates) {
    await writeUpdates(executor, group);
    updated += group.length;
  }
  return { updated, deleted: await writeDeletes(executor, deletes) };
}

async function writeUpdates(executor: Executor, group: Group): Promise<void> {
  const statement = updateOf(group);
  const { model } = statement;
  if (versionOf(model) !== undefined) {
    await assertCurrent(executor, model, group);
  }
  const before = await rowsBefore(
    executor,
    model,
    "update",
    hasKeyOf(statement),
  );
  const count = await executor.run(statement);
  if (count === group.length) return;
  const found = before ?? await rowsFound(executor, statement, count);
  throw found === group.length
    ? discardedError(model, "update", group.length - count, found)
    : await staleRowError(executor, model, group);
}

function updateOf(group: Group): UpdateEachStatement {
  const [{ model }] = group;
  return updateEachOf(
    model,
    group.map(({ key, version, set }) => ({ key, version, values: set })),
  );
}

async function writeDeletes(
  executor: Executor,
  marks: readonly Mark[],
): Promise<number> {
  for (const [model, group] of Map.groupBy(marks, modelOf)) {
    const identities = await rowIdentities(executor, model, group);
    const keys = new Map(
      group.map((mark, index) => [identities[index], keyOf(mark)]),
    );
    const where = {
      kind: "keys",
      fields: keyFields(model),
      keys: [...keys.values()],
    } as const;
    // After the delete, missing rows could not be distinguished from deleted ones.
    const existing = await executor.run({
      kind: "count",
      model,
      where,
      max: undefined,
    });
    if (existing !== keys.size) {
      if (versionOf(model) !== undefined) {
        await assertCurrent(executor, model, group);
      }
      throw await staleRowError(executor, model, group);
    }
    const count = await executor.run({ kind: "delete", model, where });
    if (count === keys.size) continue;
    throw await executor.mayDiscard?.(model, "delete", true)
      ? discardedError(model, "delete", keys.size - count, keys.size)
      : await staleRowError(executor, model, group);
  }
  return marks.length;
}

/** Creates the error for the marked rows that are missing under their previous and their new key. */
async function staleRowError(
  executor: Executor,
  model: AnyModel,
  group: readonly Mark[],
): Promise<StaleRowError> {
  if (versionOf(model) !== undefined) {
    // After the update, its rows have the same versions as changed ones.
    const rows = group.map(({ row }) => row);
    return movedOnError("commit", rows, group.map(nameOf), true);
  }
  const missing: Mark[] = [];
  for (const mark of group) {
    const where = hasPrimaryKey(model, [mark.key, keyAfterWrite(mark)]);
    if (!await executor.run({ kind: "exists", model, where })) {
      missing.push(mark);
    }
  }
  const marks = missing.length > 0 ? missing : group;
  return new StaleRowError(marks.map(({ row }) => row), {}, marks.map(nameOf));
}

/** Returns the row of a mark as a row that was read prints: a mark may be that of a plain object. */
function nameOf({ model, key }: Mark): string {
  return String(keyRow(model, key));
}

/** The fields that find the row of a mark. */
function keyFields(model: AnyModel): readonly Field[] {
  const version = versionOf(model);
  const key = fieldsNamed(model, model.primaryKey);
  return version === undefined ? key : [...key, version];
}

/** The values of {@link keyFields}. */
function keyOf({ key, version }: Mark): readonly unknown[] {
  return version === undefined ? key : [...key, version];
}

/**
 * Checks that the marked rows have the versions that they had when they were read.
 *
 * @throws {StaleRowError} with those that are missing or have another version
 */
async function assertCurrent(
  executor: Executor,
  model: AnyModel,
  group: readonly Mark[],
): Promise<void> {
  const moved = await missingKeys(
    executor,
    model,
    keyFields(model),
    group.map(keyOf),
  );
  const marks = moved.flatMap((index) => group[index] ?? []);
  if (marks.length === 0) return;
  throw movedOnError("commit", marks.map(({ row }) => row), marks.map(nameOf));
}

function discardedError(
  model: AnyModel,
  write: "update" | "delete",
  discarded: number,
  found: number,
): DiscardedRowError {
  return new DiscardedRowError(
    `Cannot commit: the database did not ${write} ${discarded} of ${found} rows of ${model.name}, although it holds them: a trigger or a rule of ${model.table}, or row-level security discarded the ${write}. Nothing was written; the session keeps its marks`,
  );
}
