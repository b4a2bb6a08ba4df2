import type { Document, IndexDirection } from "mongodb";
import { ModelError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel, Index } from "../../model/types.ts";
import { mayHoldArrays, refuseArrayKey } from "../codec/refuse_array_key.ts";
import { keyParts, partialFilter } from "./partial_filter.ts";
import { type Rule, ruleOf, validatorOf } from "./validator_rules.ts";

/** A wanted or an existing index. */
export interface CollectionIndex {
  readonly name: string;
  /** Columns in order, each ascending, descending, hashed or a position. */
  readonly keys: readonly (readonly [string, IndexDirection])[];
  readonly unique: boolean;
  /** The filter for the documents in the index; undefined for all. */
  readonly partial: Document | undefined;
}

/** A collection as a model defines it. */
export interface WantedCollection {
  readonly name: string;
  /** The validator of its documents. */
  readonly validator: Document;
  /** The rules of the validator by column. */
  readonly rules: ReadonlyMap<string, Rule>;
  /** Indexes of keys first. */
  readonly indexes: readonly CollectionIndex[];
  /** The parts of the model that MongoDB cannot provide, as text. */
  readonly notes: readonly string[];
}

/**
 * Returns the collection that a model defines.
 *
 * Hash indexes become hashed; btree, brin and gin on an array become ascending
 * or descending; included fields are ignored. `notes` lists what is not
 * created: an index over SQL expressions, positions, several arrays or parts of
 * JSON, a hash index on an array, checks in SQL, foreign keys, and `sqlDefault`.
 *
 * @throws {ModelError} if a unique index is over SQL, an array or JSON, because
 * uniqueness would be lost
 */
export function wantedCollection(model: AnyModel): WantedCollection {
  const indexes: CollectionIndex[] = [];
  const notes = [
    ...model.checks.map(({ name }) =>
      `${model.table}: the check ${name} is SQL, which MongoDB does not enforce`
    ),
    ...model.foreignKeys.length === 0 ? [] : [
      `${model.table}: MongoDB does not enforce the foreign key${
        model.foreignKeys.length === 1 ? "" : "s"
      } ${
        model.foreignKeys.map(({ fields }) => `(${fields.join(", ")})`)
          .join(", ")
      }`,
    ],
    ...model.fields.filter((field) =>
      field.sqlDefault !== undefined && field.default === undefined
    ).map(({ name }) =>
      `${model.table}.${name}: MongoDB has no sqlDefault; use .default()`
    ),
  ];
  const add = (index: CollectionIndex): void => {
    if (!indexes.some((other) => serves(other, index))) indexes.push(index);
  };
  if (model.primaryKey.length > 0) {
    keyIndexes(model, primaryName(model), model.primaryKey.map(String))
      .forEach(add);
  }
  for (const key of model.unique) {
    keyIndexes(model, uniqueName(model, key), key).forEach(add);
  }
  for (const index of model.indexes) {
    const wanted = wantedIndexes(model, index);
    if (typeof wanted === "string") notes.push(wanted);
    else wanted.forEach(add);
  }
  for (const [name, { index }] of model.mongo.derived) {
    if (index === undefined) continue;
    add({
      name: `${name}_${index}`,
      keys: [[name, index]],
      unique: false,
      partial: undefined,
    });
  }
  return {
    name: model.table,
    validator: validatorOf(model),
    rules: new Map(model.fields.map((field) => [field.column, ruleOf(field)])),
    // MongoDB has a unique index on _id of its own.
    indexes: indexes.filter(({ keys: [first, ...others] }) =>
      first?.[0] !== "_id" || others.length > 0
    ),
    notes,
  };
}

/** Returns whether an existing index can serve as the wanted one. */
export function serves(
  existing: CollectionIndex,
  wanted: CollectionIndex,
): boolean {
  return text(existing.keys) === text(wanted.keys) &&
    text(existing.partial) === text(wanted.partial) &&
    (existing.unique || !wanted.unique);
}

/** Returns an index as text: `ix_object_ndet { ndet: 1 }`. */
export function indexText(
  { name, keys, unique, partial }: CollectionIndex,
): string {
  const parts = keys.map(([column, direction]) => `${column}: ${direction}`);
  return `${name} { ${parts.join(", ")} }${unique ? " unique" : ""}${
    partial === undefined ? "" : ` where ${text(partial)}`
  }`;
}

/** Returns the name of the index of a key of {@link keysOf}. */
export function keyName(model: AnyModel, fields: readonly Field[]): string {
  const is = (names: readonly string[]): boolean =>
    names.length === fields.length &&
    names.every((name, index) => fields[index]?.name === name);
  // MongoDB has a unique index on _id of its own.
  if (fields.length === 1 && fields[0]?.column === "_id") return "_id_";
  if (is(model.primaryKey.map(String))) return primaryName(model);
  const key = model.unique.find(is);
  if (key !== undefined) return uniqueName(model, key);
  const index = model.indexes.find((index) =>
    index.unique === true && index.where === undefined &&
    is(index.fields.map(String))
  );
  return index === undefined
    ? uniqueName(model, fields.map(({ name }) => name))
    : nameOf(model, index);
}

function primaryName({ table, primaryKeyName }: AnyModel): string {
  return primaryKeyName ?? `${table}_pkey`;
}

function uniqueName(model: AnyModel, key: readonly string[]): string {
  const columns = key.map((name) => fieldOf(model, name).column);
  return `${model.table}_${columns.join("_")}_key`;
}

function keyIndexes(
  model: AnyModel,
  name: string,
  key: readonly string[],
): readonly CollectionIndex[] {
  const fields = key.map((name) => fieldOf(model, name));
  refuseArrayKey(model, fields);
  return uniqueIndexes(
    { name, keys: fields.map(({ column }) => [column, 1]) },
    fields,
    undefined,
  );
}

/** Returns the indexes of a unique key, which may hold for some documents only. */
function uniqueIndexes(
  { name, keys }: Pick<CollectionIndex, "name" | "keys">,
  fields: readonly Field[],
  where: Document | undefined,
): readonly CollectionIndex[] {
  return keyParts(fields).map(({ nan, filter }) => ({
    name: nan.length === 0
      ? name
      : [name, ...nan.map(({ column }) => column), "nan"].join("_"),
    keys,
    unique: true,
    partial: where !== undefined && filter !== undefined
      ? { $and: [where, filter] }
      : where ?? filter,
  }));
}

/** Returns the indexes of an index of the model, one unless it is unique, or why MongoDB has no equivalent. */
function wantedIndexes(
  model: AnyModel,
  index: Index,
): readonly CollectionIndex[] | string {
  const fields: Field[] = [];
  const keys: [string, IndexDirection][] = [];
  for (const part of index.fields) {
    if (typeof part !== "string" && "sql" in part) {
      return refuse(model, index, "is over an SQL expression");
    }
    const { field: name, order } = typeof part === "string"
      ? { field: part, order: undefined }
      : part;
    const field = fieldOf(model, name);
    const hashed = index.using === "hash" && !index.unique;
    fields.push(field);
    keys.push([field.column, hashed ? "hashed" : order === "desc" ? -1 : 1]);
  }
  if (index.using === "gist") return refuse(model, index, "uses gist");
  if (
    index.using === "gin" && fields.some(({ type }) => type.kind !== "array")
  ) {
    return refuse(model, index, "uses gin and is not on an array");
  }
  const open = fields.filter(mayHoldArrays);
  if (index.unique) refuseArrayKey(model, fields);
  if (index.using === "hash" && open.length > 0) {
    return refuse(model, index, "uses hash and is on an array or JSON");
  }
  if (open.length > 1) {
    return refuse(model, index, "is over several arrays or JSON");
  }
  const where = index.where === undefined
    ? undefined
    : partialFilter(model, index.where);
  if (index.where !== undefined && where === undefined) {
    return refuse(model, index, `has the SQL condition ${index.where}`);
  }
  const name = nameOf(model, index);
  return index.unique
    ? uniqueIndexes({ name, keys }, fields, where)
    : [{ name, keys, unique: false, partial: where }];
}

/**
 * Returns the note about an index without an equivalent.
 *
 * @throws {ModelError} if it is unique
 */
function refuse(model: AnyModel, index: Index, why: string): string {
  const note = `${model.table}: the index ${
    nameOf(model, index)
  } ${why}, which MongoDB does not support`;
  if (index.unique) {
    throw new ModelError(`Cannot create a unique key. ${note}`);
  }
  return note;
}

function nameOf(model: AnyModel, index: Index): string {
  const parts = index.fields.map((part) =>
    typeof part === "string"
      ? fieldOf(model, part).column
      : "field" in part
      ? fieldOf(model, part.field).column
      : "expr"
  );
  return index.name ?? `ix_${model.table}_${parts.join("_")}`;
}

function fieldOf(model: AnyModel, name: string): Field {
  const field = model.byName.get(name);
  if (field === undefined) {
    throw new ModelError(`${model.name} has no field ${name}`);
  }
  return field;
}

/** Returns a text that is equal for a wanted filter and the same filter from the server. */
function text(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => {
    if (typeof inner === "bigint") return Number(inner);
    return typeof inner === "number" && !Number.isFinite(inner)
      ? String(inner)
      : inner;
  }) ?? "";
}
