import { DbPluginsError, QueryError } from "../../base/errors/mod.ts";
import { canonical, keyText } from "../../model/canonical.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import { combined } from "../write/assignments.ts";
import type { AnyModel } from "../../model/types.ts";
import { valueProblem } from "../../model/value_problem.ts";
import { versionOf } from "../../model/version.ts";

/** The pending changes of one instance in a session. */
export interface Mark {
  /** The instance. */
  readonly row: object;
  /** Its model. */
  readonly model: AnyModel;
  /** The primary key of the row in the database. */
  readonly key: readonly unknown[];
  /** The version of the row when it was read; undefined if the model has none. */
  readonly version: unknown;
  /** The previous values of the changed fields. */
  readonly before: Map<Field, unknown>;
  /** The values to write, and expressions. */
  readonly set: Map<Field, unknown>;
  /** Whether to delete the row. */
  deleted: boolean;
}

/** Marks by instance. */
export type Marks = ReadonlyMap<object, Mark>;

/**
 * Creates an empty mark.
 *
 * @throws {QueryError} if the row has no complete primary key
 */
export function createMark(model: AnyModel, row: object): Mark {
  return {
    row,
    model,
    key: primaryKeyOf(model, row),
    version: versionIn(model, row),
    before: new Map(),
    set: new Map(),
    deleted: false,
  };
}

/** Merges the marks of a failed commit with those made while it ran. */
export function mergeMarks(failed: Marks, later: Marks): Map<object, Mark> {
  const merged = new Map(failed);
  for (const [row, mark] of later) {
    const earlier = merged.get(row);
    merged.set(
      row,
      earlier === undefined ? mark : {
        ...earlier,
        before: new Map([...mark.before, ...earlier.before]),
        set: mergedChanges(earlier.set, mark.set),
        deleted: earlier.deleted || mark.deleted,
      },
    );
  }
  return merged;
}

/** Returns changes of which the later ones follow the earlier ones: {@link refuseUncombined} has refused others. */
function mergedChanges(
  earlier: ReadonlyMap<Field, unknown>,
  later: ReadonlyMap<Field, unknown>,
): Map<Field, unknown> {
  const merged = new Map(earlier);
  for (const [field, change] of later) {
    const both = combined(field, merged.get(field), change);
    merged.set(field, both === undefined ? change : both.change);
  }
  return merged;
}

/**
 * Checks that a mark can hold a change in addition to those that it has.
 *
 * @throws {QueryError} if the change is an expression that the pending change of the field does not combine with
 */
export function refuseUncombined(
  { model, set }: Mark,
  changes: ReadonlyMap<Field, unknown>,
): void {
  for (const [field, change] of changes) {
    if (combined(field, set.get(field), change) !== undefined) continue;
    throw new QueryError(
      `Cannot update ${model.name}: ${field.name} has a pending change in the session, and ${
        String(change)
      } cannot follow it in the same commit; commit first`,
      { model: model.name, field: field.name },
    );
  }
}

/** Returns the marks that a failed commit did not write, if the engine reports written rows. The others keep their new values. */
export function unwrittenMarks(marks: Marks, error: unknown): Marks {
  const written = error instanceof DbPluginsError
    ? error.partly?.written ?? []
    : [];
  if (written.length === 0) return marks;
  const reported = Map.groupBy(written, (key) => rowText(Object.entries(key)));
  const marked = Map.groupBy(marks, ([, mark]) => markText(mark));
  return new Map(
    // The engine reports keys without models: rows of several models with the same key stay marked.
    [...marked].filter(([text, { length }]) =>
      reported.get(text)?.length !== length
    ).flatMap(([, entries]) => entries),
  );
}

/** Adds the marks that an inner unit of work has written. There is nothing more to write for them, but a rollback restores their instances. */
export function adoptMarks(own: Marks, written: Marks): Map<object, Mark> {
  const adopted = new Map(own);
  for (const [row, mark] of written) {
    const outer = adopted.get(row);
    adopted.set(row, {
      row,
      model: mark.model,
      key: keyAfterWrite(mark),
      version: versionAfterWrite(mark),
      before: new Map([...mark.before, ...outer?.before ?? []]),
      set: outer?.set ?? new Map(),
      deleted: outer?.deleted ?? false,
    });
  }
  return adopted;
}

/** Restores the previous values of the instances. */
export function restore(marks: Marks): void {
  for (const [row, { before }] of marks) {
    for (const [{ name }, value] of before) {
      if (value === undefined) Reflect.deleteProperty(row, name);
      else Reflect.set(row, name, value);
    }
  }
}

/** Returns the primary key of a marked row after the write. */
export function keyAfterWrite({ model, key, set }: Mark): unknown[] {
  return fieldsNamed(model, model.primaryKey).map((field, index) =>
    set.has(field) ? set.get(field) : key[index]
  );
}

/** The key of a mark, in the form that {@link unwrittenMarks} compares. */
function markText({ model, key }: Mark): string {
  return rowText(
    model.primaryKey.map((name, index) => [String(name), key[index]]),
  );
}

function rowText(key: readonly (readonly [string, unknown])[]): string {
  return JSON.stringify([
    key.map(([name]) => name),
    keyText(key.map(([, value]) => value)),
  ]);
}

/** Returns the version of a marked row after the write. */
function versionAfterWrite({ version, set, deleted }: Mark): unknown {
  if (deleted || set.size === 0) return version;
  if (typeof version === "bigint") return version + 1n;
  return typeof version === "number" ? version + 1 : version;
}

/** Sets the versions of instances whose update was written. */
export function raiseVersions(written: Marks): void {
  for (const [row, mark] of written) {
    const field = versionOf(mark.model);
    if (field === undefined || mark.deleted || mark.set.size === 0) continue;
    if (!mark.before.has(field)) mark.before.set(field, mark.version);
    Reflect.set(row, field.name, versionAfterWrite(mark));
  }
}

function versionIn(model: AnyModel, row: object): unknown {
  const field = versionOf(model);
  if (field === undefined) return undefined;
  const { name, type } = field;
  const value: unknown = Reflect.get(row, name);
  if (valueProblem(field, value) === undefined) return canonical(type, value);
  throw new QueryError(
    `Cannot mark a row of ${model.name}: it has no ${name}, the version that it had when it was read; select ${name} too`,
    { model: model.name, field: name },
  );
}

function primaryKeyOf(model: AnyModel, row: object): unknown[] {
  if (model.primaryKey.length === 0) {
    throw new QueryError(
      `Cannot mark a row of ${model.name}: it has no primary key, which commit needs to find the row; use updateAll or deleteAll`,
      { model: model.name },
    );
  }
  return fieldsNamed(model, model.primaryKey).map(({ name, type }) => {
    const value: unknown = Reflect.get(row, name);
    if (value !== undefined && value !== null) return canonical(type, value);
    throw new QueryError(
      `Cannot mark a row of ${model.name}: it has no ${name}, which is part of the primary key; select ${name} too`,
      { model: model.name, field: name },
    );
  });
}
