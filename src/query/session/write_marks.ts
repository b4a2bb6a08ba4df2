import { DiscardedRowError, StaleRowError } from "../../base/errors/mod.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Executor } from "../statement/executor.ts";
import { identitiesOf } from "../statement/key_identity.ts";
import { hasPrimaryKey } from "../statement/condition.ts";
import { rowsBefore } from "../write/rows_before.ts";
import { keyAfterWrite, type Mark, type Marks } from "./marks.ts";

type Entry = readonly [row: object, mark: Mark];

/**
 * Writes marks, with one statement for each model and set of fields.
 *
 * @throws {StaleRowError} if the database no longer holds a marked row
 * @throws {DiscardedRowError} if the database holds the rows and discards a write
 */
export async function writeMarks(
  executor: Executor,
  marks: Marks,
): Promise<{ updated: number; deleted: number }> {
  const entries = [...marks];
  return {
    updated: await writeUpdates(
      executor,
      entries.filter(([, { deleted, set }]) => !deleted && set.size > 0),
    ),
    deleted: await writeDeletes(
      executor,
      entries.filter(([, { deleted }]) => deleted),
    ),
  };
}

async function writeUpdates(
  executor: Executor,
  entries: readonly Entry[],
): Promise<number> {
  for (const group of groupUpdates(await identified(executor, entries))) {
    const [first] = group;
    if (first === undefined) continue;
    const { model, set } = first[1];
    const fields = [...set.keys()];
    const found = await rowsBefore(
      executor,
      model,
      "update",
      hasPrimaryKey(model, group.map(([, { key }]) => key)),
    );
    const count = await executor.run({
      kind: "updateEach",
      model,
      set: fields,
      changes: group.map(([, mark]) => ({
        key: mark.key,
        values: fields.map((field) => mark.set.get(field)),
      })),
    });
    if (count === group.length) continue;
    throw found === group.length
      ? discardedError(model, "update", group.length - count, found)
      : await staleRowError(executor, model, group);
  }
  return entries.length;
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
function groupUpdates(entries: readonly Identified[]): readonly Entry[][] {
  const roundOfRow = new Map<string, number>();
  const rounds = new Map<number, Map<string, Entry[]>>();
  for (const [entry, identity] of entries) {
    const [, { model, set }] = entry;
    const row = JSON.stringify([model.name, identity]);
    const round = roundOfRow.get(row) ?? 0;
    roundOfRow.set(row, round + 1);
    const names = [...set.keys()].map(({ name }) => name).sort();
    const target = JSON.stringify([model.name, names]);
    const groups = rounds.get(round) ?? new Map<string, Entry[]>();
    rounds.set(round, groups);
    const group = groups.get(target);
    if (group === undefined) groups.set(target, [entry]);
    else group.push(entry);
  }
  return [...rounds.values()].flatMap((groups) => [...groups.values()]);
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
