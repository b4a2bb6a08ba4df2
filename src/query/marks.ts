import { QueryError, StaleRowError } from "../errors.ts";
import type { Field } from "../model/field.ts";
import type { AnyModel } from "../model/types.ts";
import type { Expr } from "./ast.ts";
import type { Executor } from "./executor.ts";
import { fieldNamed } from "./where.ts";

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

async function writeUpdates(
  executor: Executor,
  entries: readonly Entry[],
): Promise<number> {
  const groups = Map.groupBy(
    entries,
    ([, { model, set }]) =>
      `${model.name}:${[...set.keys()].map(({ name }) => name).sort().join()}`,
  );
  for (const group of groups.values()) {
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

async function writeDeletes(
  executor: Executor,
  entries: readonly Entry[],
): Promise<number> {
  for (const [model, group] of Map.groupBy(entries, ([, mark]) => mark.model)) {
    const count = await executor.run({
      kind: "delete",
      model,
      where: withKeys(model, group.map(([, { key }]) => key)),
    });
    if (count !== group.length) throw await stale(executor, model, group);
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
  for (const [row, { key, set }] of group) {
    const after = primaryKeyFields(model).map((field, place) =>
      set.has(field) ? set.get(field) : key[place]
    );
    const where = withKeys(model, [key, after]);
    if (!await executor.run({ kind: "exists", model, where })) gone.push(row);
  }
  return new StaleRowError(gone);
}

function withKeys(
  model: AnyModel,
  keys: readonly (readonly unknown[])[],
): Expr {
  return Object.freeze({
    kind: "keys",
    fields: primaryKeyFields(model),
    keys,
  });
}

function primaryKeyFields(model: AnyModel): Field[] {
  return model.primaryKey.map((name) =>
    fieldNamed(model, String(name), "find")
  );
}

function primaryKeyOf(model: AnyModel, row: object): unknown[] {
  if (model.primaryKey.length === 0) {
    throw new QueryError(
      `Cannot mark a row of ${model.name}: it has no primary key to find it by; use updateAll or deleteAll`,
      { model: model.name },
    );
  }
  return primaryKeyFields(model).map(({ name }) => {
    const value: unknown = Reflect.get(row, name);
    if (value !== undefined && value !== null) return value;
    throw new QueryError(
      `Cannot mark a row of ${model.name}: it has no ${name}, which is in the primary key; select it too`,
      { model: model.name, name },
    );
  });
}
