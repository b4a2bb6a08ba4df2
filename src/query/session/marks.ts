import {
  DbPluginsError,
  QueryError,
  StaleRowError,
} from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Condition } from "../statement/statement.ts";
import type { Executor } from "../statement/executor.ts";
import { keyText } from "../../model/canonical.ts";

/** What a session remembers of one instance. */
export interface Mark {
  /** The instance's model. */
  readonly model: AnyModel;
  /** The primary key the row has in the database. */
  readonly key: readonly unknown[];
  /** What the instance held before. */
  readonly before: Map<Field, unknown>;
  /** What it is to hold. */
  readonly set: Map<Field, unknown>;
  /** Whether it is to go. */
  deleted: boolean;
}

/** Marked instances. */
export type Marks = ReadonlyMap<object, Mark>;

type Entry = readonly [row: object, mark: Mark];

/** A mark on an instance that has none. */
export function newMark(model: AnyModel, row: object): Mark {
  return {
    model,
    key: primaryKeyOf(model, row),
    before: new Map(),
    set: new Map(),
    deleted: false,
  };
}

/** Writes marks, a statement for each model and set of fields. */
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

/** The marks of a commit that failed, and those made while it ran. */
export function mergeMarks(failed: Marks, later: Marks): Map<object, Mark> {
  const merged = new Map(failed);
  for (const [row, mark] of later) {
    const earlier = merged.get(row);
    merged.set(
      row,
      earlier === undefined ? mark : {
        ...earlier,
        before: new Map([...mark.before, ...earlier.before]),
        set: new Map([...earlier.set, ...mark.set]),
        deleted: earlier.deleted || mark.deleted,
      },
    );
  }
  return merged;
}

/** The marks of a commit that failed which it has not written, where the engine says which rows it has: those keep their new values. */
export function unwrittenMarks(marks: Marks, error: unknown): Marks {
  const written = error instanceof DbPluginsError
    ? error.partly?.written ?? []
    : [];
  if (written.length === 0) return marks;
  const said = Map.groupBy(written, (key) => rowText(Object.entries(key)));
  const marked = Map.groupBy(marks, ([, mark]) => textOf(mark));
  return new Map(
    // Keys are told without their models: rows that cannot be told apart stay marked.
    [...marked].filter(([text, { length }]) =>
      said.get(text)?.length !== length
    ).flatMap(([, entries]) => entries),
  );
}

/** Marks with what an inner unit of work has written already: nothing more is to be written for it, but it may have to be given back. */
export function adoptMarks(own: Marks, written: Marks): Map<object, Mark> {
  const adopted = new Map(own);
  for (const [row, mark] of written) {
    const outer = adopted.get(row);
    adopted.set(row, {
      model: mark.model,
      key: keyAfter(mark),
      before: new Map([...mark.before, ...outer?.before ?? []]),
      set: outer?.set ?? new Map(),
      deleted: outer?.deleted ?? false,
    });
  }
  return adopted;
}

/** Gives the instances the values they had. */
export function restore(marks: Marks): void {
  for (const [row, { before }] of marks) {
    for (const [{ name }, value] of before) {
      if (value === undefined) Reflect.deleteProperty(row, name);
      else Reflect.set(row, name, value);
    }
  }
}

async function writeUpdates(
  executor: Executor,
  entries: readonly Entry[],
): Promise<number> {
  for (const group of groupsOf(entries)) {
    const [first] = group;
    if (first === undefined) continue;
    const { model, set } = first[1];
    const fields = [...set.keys()];
    const count = await executor.run({
      kind: "updateEach",
      model,
      set: fields,
      changes: group.map(([, mark]) => ({
        key: mark.key,
        values: fields.map((field) => mark.set.get(field)),
      })),
    });
    if (count !== group.length) throw await stale(executor, model, group);
  }
  return entries.length;
}

/** What one statement can write: one model, the same fields, each row once. A second instance of a row is in a later group than the first. */
function groupsOf(entries: readonly Entry[]): readonly Entry[][] {
  const met = new Map<string, number>();
  const rounds = new Map<number, Map<string, Entry[]>>();
  for (const entry of entries) {
    const [, { model, key, set }] = entry;
    const row = JSON.stringify([model.name, keyText(key)]);
    const round = met.get(row) ?? 0;
    met.set(row, round + 1);
    const names = [...set.keys()].map(({ name }) => name).sort();
    const outline = JSON.stringify([model.name, names]);
    const groups = rounds.get(round) ?? new Map<string, Entry[]>();
    rounds.set(round, groups);
    const group = groups.get(outline);
    if (group === undefined) groups.set(outline, [entry]);
    else group.push(entry);
  }
  return [...rounds.values()].flatMap((groups) => [...groups.values()]);
}

async function writeDeletes(
  executor: Executor,
  entries: readonly Entry[],
): Promise<number> {
  for (const [model, group] of Map.groupBy(entries, ([, mark]) => mark.model)) {
    const keys = new Map(
      group.map(([, { key }]) => [keyText(key), key]),
    );
    const where = withKeys(model, [...keys.values()]);
    // Once they are deleted nobody can tell which of them was gone.
    const there = await executor.run({
      kind: "count",
      model,
      where,
      max: undefined,
    });
    if (there !== keys.size) throw await stale(executor, model, group);
    const count = await executor.run({ kind: "delete", model, where });
    if (count !== keys.size) throw await stale(executor, model, group);
  }
  return entries.length;
}

/** The error that names those of the marked rows that are gone: neither their old key nor the one they were to get is there. */
async function stale(
  executor: Executor,
  model: AnyModel,
  group: readonly Entry[],
): Promise<StaleRowError> {
  const gone: object[] = [];
  for (const [row, mark] of group) {
    const where = withKeys(model, [mark.key, keyAfter(mark)]);
    if (!await executor.run({ kind: "exists", model, where })) gone.push(row);
  }
  return new StaleRowError(gone.length > 0 ? gone : group.map(([row]) => row));
}

/** The primary key that a marked row has once it is written. */
function keyAfter({ model, key, set }: Mark): unknown[] {
  return fieldsNamed(model, model.primaryKey).map((field, place) =>
    set.has(field) ? set.get(field) : key[place]
  );
}

/** A mark's key as {@link unwrittenMarks} compares it. */
function textOf({ model, key }: Mark): string {
  return rowText(
    model.primaryKey.map((name, place) => [String(name), key[place]]),
  );
}

function rowText(key: readonly (readonly [string, unknown])[]): string {
  return JSON.stringify([
    key.map(([name]) => name),
    keyText(key.map(([, value]) => value)),
  ]);
}

function withKeys(
  model: AnyModel,
  keys: readonly (readonly unknown[])[],
): Condition {
  return Object.freeze({
    kind: "keys",
    fields: fieldsNamed(model, model.primaryKey),
    keys,
  });
}

function primaryKeyOf(model: AnyModel, row: object): unknown[] {
  if (model.primaryKey.length === 0) {
    throw new QueryError(
      `Cannot mark a row of ${model.name}: it has no primary key to find it by; use updateAll or deleteAll`,
      { model: model.name },
    );
  }
  return fieldsNamed(model, model.primaryKey).map(({ name }) => {
    const value: unknown = Reflect.get(row, name);
    if (value !== undefined && value !== null) return value;
    throw new QueryError(
      `Cannot mark a row of ${model.name}: it has no ${name}, which is in the primary key; select it too`,
      { model: model.name, field: name },
    );
  });
}
