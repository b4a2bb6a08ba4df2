import { DiscardedRowError, StaleRowError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Executor } from "../statement/executor.ts";
import { identitiesOf } from "../statement/key_identity.ts";
import { hasPrimaryKey } from "../statement/condition.ts";
import type { UpdateEachStatement } from "../statement/statement.ts";
import { rowsBefore } from "../write/rows_before.ts";
import { keyAfterWrite, type Mark, type Marks } from "./marks.ts";

type Entry = readonly [row: object, mark: Mark];

/** Marks of one model with the same fields, which one statement updates. */
type Group = readonly [Entry, ...Entry[]];

/** What a commit writes. */
export interface Plan {
  /** The updates, in their order. */
  readonly updates: readonly Group[];
  readonly deletes: readonly Entry[];
}

/** Returns what writes marks, with one statement for each model and set of fields. */
export async function planWrites(
  executor: Executor,
  marks: Marks,
): Promise<Plan> {
  const entries = [...marks];
  const updates = entries.filter(([, { deleted, set }]) =>
    !deleted && set.size > 0
  );
  return {
    updates: groupUpdates(await identified(executor, updates)),
    deletes: entries.filter(([, { deleted }]) => deleted),
  };
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
  const found = await rowsBefore(
    executor,
    model,
    "update",
    hasPrimaryKey(model, group.map(([, { key }]) => key)),
  );
  const count = await executor.run(statement);
  if (count === group.length) return;
  throw found === group.length
    ? discardedError(model, "update", group.length - count, found)
    : await staleRowError(executor, model, group);
}

function updateOf(group: Group): UpdateEachStatement {
  const [[, { model, set }]] = group;
  const fields = [...set.keys()];
  return {
    kind: "updateEach",
    model,
    set: fields,
    changes: group.map(([, mark]) => ({
      key: mark.key,
      values: fields.map((field) => mark.set.get(field)),
    })),
  };
}

/** A mark, and the identity of its row in the database. */
type Identified = readonly [entry: Entry, row: unknown];

async function identified(
  executor: Executor,
  entries: readonly Entry[],
): Promise<readonly Identified[]> {
  const rows = new Map<Entry, unknown>();
  for (const [model, group] of Map.groupBy(entries, ([, mark]) => mark.model)) {
    const identities = await rowIdentities(executor, model, group);
    for (const [index, entry] of group.entries()) {
      rows.set(entry, identities[index]);
    }
  }
  return entries.map((entry) => [entry, rows.get(entry)]);
}

function rowIdentities(
  executor: Executor,
  model: AnyModel,
  group: readonly Entry[],
): Promise<readonly unknown[]> {
  return identitiesOf(
    executor,
    model,
    fieldsNamed(model, model.primaryKey),
    group.map(([, { key }]) => key),
  );
}

/** Groups marks that one statement can write: one model, the same fields, each row once. A second instance of a row is in a later group. */
function groupUpdates(entries: readonly Identified[]): readonly Group[] {
  const roundOfRow = new Map<string, Map<unknown, number>>();
  const rounds: Map<string, [Entry, ...Entry[]]>[] = [];
  let last: { readonly mark: Mark; readonly target: string } | undefined;
  for (const [entry, identity] of entries) {
    const [, mark] = entry;
    const { name } = mark.model;
    const rows = roundOfRow.get(name) ?? new Map<unknown, number>();
    roundOfRow.set(name, rows);
    const round = rows.get(identity) ?? 0;
    rows.set(identity, round + 1);
    const target = last !== undefined && hasSameFields(mark, last.mark)
      ? last.target
      : JSON.stringify([name, [...mark.set.keys()].map(nameOfField).sort()]);
    last = { mark, target };
    const groups = rounds[round] ??= new Map();
    const group = groups.get(target);
    if (group === undefined) groups.set(target, [entry]);
    else group.push(entry);
  }
  return rounds.flatMap((groups) => [...groups.values()]);
}

/** Whether two marks set the same fields of a model, in the same order. */
function hasSameFields(mark: Mark, other: Mark): boolean {
  if (mark.model !== other.model || mark.set.size !== other.set.size) {
    return false;
  }
  const fields = other.set.keys();
  for (const field of mark.set.keys()) {
    if (field !== fields.next().value) return false;
  }
  return true;
}

function nameOfField({ name }: Field): string {
  return name;
}

async function writeDeletes(
  executor: Executor,
  entries: readonly Entry[],
): Promise<number> {
  for (const [model, group] of Map.groupBy(entries, ([, mark]) => mark.model)) {
    const identities = await rowIdentities(executor, model, group);
    const keys = new Map(
      group.map(([, { key }], index) => [identities[index], key]),
    );
    const where = hasPrimaryKey(model, [...keys.values()]);
    // After the delete, missing rows could not be told from deleted ones.
    const existing = await executor.run({
      kind: "count",
      model,
      where,
      max: undefined,
    });
    if (existing !== keys.size) {
      throw await staleRowError(executor, model, group);
    }
    const count = await executor.run({ kind: "delete", model, where });
    if (count === keys.size) continue;
    throw await executor.mayDiscard?.(model, "delete")
      ? discardedError(model, "delete", keys.size - count, keys.size)
      : await staleRowError(executor, model, group);
  }
  return entries.length;
}

/** Creates the error for the marked rows that are missing under their previous and their new key. */
async function staleRowError(
  executor: Executor,
  model: AnyModel,
  group: readonly Entry[],
): Promise<StaleRowError> {
  const missing: Entry[] = [];
  for (const entry of group) {
    const [, mark] = entry;
    const where = hasPrimaryKey(model, [mark.key, keyAfterWrite(mark)]);
    if (!await executor.run({ kind: "exists", model, where })) {
      missing.push(entry);
    }
  }
  const entries = missing.length > 0 ? missing : group;
  return new StaleRowError(
    entries.map(([row]) => row),
    {},
    entries.map(([, mark]) => nameOf(mark)),
  );
}

/** Returns the row of a mark as a row that was read prints: a mark may be that of a plain object. */
function nameOf({ model, key }: Mark): string {
  const row: object = Object.create(model.prototype);
  for (const [index, name] of model.primaryKey.entries()) {
    Reflect.set(row, name, key[index]);
  }
  return String(row);
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
