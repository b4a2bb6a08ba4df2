import { DiscardedRowError, StaleRowError } from "../../base/errors/mod.ts";
import { operandOf } from "../../model/expression.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { versionOf } from "../../model/version.ts";
import type { Executor } from "../statement/executor.ts";
import { identitiesOf } from "../statement/key_identity.ts";
import { hasKeyOf, hasPrimaryKey } from "../statement/condition.ts";
import type { UpdateEachStatement } from "../statement/statement.ts";
import { updateEachOf } from "../write/assignments.ts";
import { keyRow, missingKeys, movedOnError } from "../write/moved_rows.ts";
import { rowsBefore } from "../write/rows_before.ts";
import { keyAfterWrite, type Mark, type Marks } from "./marks.ts";

/** Marks of one model with the same fields, which one statement updates. */
type Group = readonly [Mark, ...Mark[]];

/** The writes of a commit. */
interface Plan {
  /** The updates, in their order. */
  readonly updates: readonly Group[];
  readonly deletes: readonly Mark[];
}

/** Returns the writes of marks, with one statement for each model, set of fields, and kinds of change. */
export async function planWrites(
  executor: Executor,
  marks: Marks,
): Promise<Plan> {
  const updates: Mark[] = [];
  const deletes: Mark[] = [];
  for (const mark of marks.values()) {
    if (mark.deleted) deletes.push(mark);
    else if (mark.set.size > 0) updates.push(mark);
  }
  const rounds = new Map<AnyModel, Iterator<number>>();
  for (const [model, group] of Map.groupBy(updates, modelOf)) {
    const identities = await rowIdentities(executor, model, group);
    if (new Set(identities).size < group.length) {
      rounds.set(model, repetitions(identities));
    }
  }
  return { updates: groupUpdates(updates, rounds), deletes };
}

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
  const found = await rowsBefore(
    executor,
    model,
    "update",
    hasKeyOf(statement),
  );
  const count = await executor.run(statement);
  if (count === group.length) return;
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

function rowIdentities(
  executor: Executor,
  model: AnyModel,
  group: readonly Mark[],
): Promise<readonly unknown[]> {
  return identitiesOf(
    executor,
    model,
    fieldsNamed(model, model.primaryKey),
    group.map(({ key }) => key),
  );
}

function modelOf({ model }: Mark): AnyModel {
  return model;
}

/**
 * Groups marks that one statement can write: one model, the same fields, each row
 * once. A second instance of a row is in a later group.
 *
 * @param roundsOf of the marks of a model, in their order, how many earlier marks have the same row; missing if none has
 */
function groupUpdates(
  marks: readonly Mark[],
  roundsOf: ReadonlyMap<AnyModel, Iterator<number>>,
): readonly Group[] {
  const rounds: Map<string, [Mark, ...Mark[]]>[] = [];
  let last: { readonly mark: Mark; readonly target: string } | undefined;
  for (const mark of marks) {
    const { name } = mark.model;
    const round: number = roundsOf.get(mark.model)?.next().value ?? 0;
    const target = last !== undefined && hasSameChanges(mark, last.mark)
      ? last.target
      : JSON.stringify([name, [...mark.set].map(nameOfChange).sort()]);
    last = { mark, target };
    const groups = rounds[round] ??= new Map();
    const group = groups.get(target);
    if (group === undefined) groups.set(target, [mark]);
    else group.push(mark);
  }
  return rounds.flatMap((groups) => [...groups.values()]);
}

/** Returns for each value how many equal ones precede it. */
function repetitions(values: readonly unknown[]): Iterator<number> {
  const counts = new Map<unknown, number>();
  return values.values().map((value) => {
    const count = counts.get(value) ?? 0;
    counts.set(value, count + 1);
    return count;
  });
}

/** Whether two marks make the same kind of change to the same fields of a model, in the same order. */
function hasSameChanges(mark: Mark, other: Mark): boolean {
  if (mark.model !== other.model || mark.set.size !== other.set.size) {
    return false;
  }
  const others = other.set.entries();
  for (const [field, value] of mark.set) {
    const [otherField, otherValue] = others.next().value ?? [];
    if (field !== otherField) return false;
    if (operandOf(value)?.operation !== operandOf(otherValue)?.operation) {
      return false;
    }
  }
  return true;
}

function nameOfChange([{ name }, value]: readonly [Field, unknown]): string {
  return `${name} ${operandOf(value)?.operation ?? ""}`;
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
    throw await executor.mayDiscard?.(model, "delete")
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
 * @throws {StaleRowError} with those that are missing or have another one
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
