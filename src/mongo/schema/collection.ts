import type { Document, IndexDirection } from "mongodb";
import { ModelError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel, Index } from "../../model/types.ts";
import { mayHoldArrays, refuseArrayKey } from "../codec/refuse_array_key.ts";
import { partialFilter, withoutNulls } from "./partial_filter.ts";
import { type Rule, ruleOf, validatorOf } from "./validator_rules.ts";

/** An index as a model wants it, or as a collection has it. */
export interface CollectionIndex {
  readonly name: string;
  /** Columns in order, each ascending, descending, hashed or a position. */
  readonly keys: readonly (readonly [string, IndexDirection])[];
  readonly unique: boolean;
  /** Only the documents that this filter lets through. */
  readonly partial: Document | undefined;
}

/** A collection as a model wants it. */
export interface WantedCollection {
  readonly name: string;
  /** What the server asks of every document. */
  readonly validator: Document;
  /** The same by column. */
  readonly rules: ReadonlyMap<string, Rule>;
  /** The keys' indexes first. */
  readonly indexes: readonly CollectionIndex[];
  /** What the model asks for and MongoDB does not have, in words. */
  readonly notes: readonly string[];
}

/**
 * The collection that a model wants.
 *
 * Hash indexes are hashed; btree, brin and gin on an array are what MongoDB
 * calls ascending or descending; fields that an index would carry along are
 * left out. An index over SQL expressions, over positions, over several arrays
 * or over what is inside JSON is not made, and named in `notes`; so are a hash
 * index on an array and rules in SQL. Foreign keys are PostgreSQL's alone.
 *
 * @throws {ModelError} where a unique index rests on SQL, an array or JSON,
 * since the rule that it is would be lost
 */
export function wantedCollection(model: AnyModel): WantedCollection {
  const indexes: CollectionIndex[] = [];
  const notes = model.checks.map(({ name }) =>
    `${model.table}: the rule ${name} is SQL, which MongoDB does not keep`
  );
  const add = (index: CollectionIndex | string): void => {
    if (typeof index === "string") notes.push(index);
    else if (!indexes.some((other) => serves(other, index))) {
      indexes.push(index);
    }
  };
  if (model.primaryKey.length > 0) {
    add(keyIndex(model, primaryName(model), model.primaryKey.map(String)));
  }
  for (const key of model.unique) {
    add(keyIndex(model, uniqueName(model, key), key));
  }
  for (const index of model.indexes) add(wantedIndex(model, index));
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

/** Whether an index does all that another would. */
export function serves(has: CollectionIndex, wants: CollectionIndex): boolean {
  return text(has.keys) === text(wants.keys) &&
    text(has.partial) === text(wants.partial) && (has.unique || !wants.unique);
}

/** An index in words, as in `ix_object_ndet { ndet: 1 }`. */
export function indexInWords(
  { name, keys, unique, partial }: CollectionIndex,
): string {
  const parts = keys.map(([column, direction]) => `${column}: ${direction}`);
  return `${name} { ${parts.join(", ")} }${unique ? " unique" : ""}${
    partial === undefined ? "" : ` where ${text(partial)}`
  }`;
}

/** The name of the index that keeps a key of {@link keysOf} apart, as it is made here. */
export function keyName(model: AnyModel, fields: readonly Field[]): string {
  const is = (names: readonly string[]): boolean =>
    names.length === fields.length &&
    names.every((name, place) => fields[place]?.name === name);
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

function primaryName({ table }: AnyModel): string {
  return `${table}_pkey`;
}

function uniqueName(model: AnyModel, key: readonly string[]): string {
  const columns = key.map((name) => fieldOf(model, name).column);
  return `${model.table}_${columns.join("_")}_key`;
}

function keyIndex(
  model: AnyModel,
  name: string,
  key: readonly string[],
): CollectionIndex {
  const fields = key.map((name) => fieldOf(model, name));
  refuseArrayKey(model, fields);
  return {
    name,
    keys: fields.map(({ column }) => [column, 1] as const),
    unique: true,
    partial: withoutNulls(fields),
  };
}

/** An index, or why MongoDB has none like it. */
function wantedIndex(model: AnyModel, index: Index): CollectionIndex | string {
  const fields: Field[] = [];
  const keys: [string, IndexDirection][] = [];
  for (const part of index.fields) {
    if (typeof part !== "string" && "sql" in part) {
      return lost(model, index, "is over an SQL expression");
    }
    const { field: name, order } = typeof part === "string"
      ? { field: part, order: undefined }
      : part;
    const field = fieldOf(model, name);
    const hashed = index.using === "hash" && !index.unique;
    fields.push(field);
    keys.push([field.column, hashed ? "hashed" : order === "desc" ? -1 : 1]);
  }
  if (index.using === "gist") return lost(model, index, "is of the kind gist");
  if (
    index.using === "gin" && fields.some(({ type }) => type.kind !== "array")
  ) {
    return lost(model, index, "is of the kind gin and not on an array");
  }
  const open = fields.filter(mayHoldArrays);
  if (index.unique) refuseArrayKey(model, fields);
  if (index.using === "hash" && open.length > 0) {
    return lost(model, index, "is of the kind hash and on an array or JSON");
  }
  if (open.length > 1) {
    return lost(model, index, "is over several arrays or JSON");
  }
  const where = index.where === undefined
    ? undefined
    : partialFilter(model, index.where);
  if (index.where !== undefined && where === undefined) {
    return lost(model, index, `has the SQL condition ${index.where}`);
  }
  const nulls = index.unique ? withoutNulls(fields) : undefined;
  return {
    name: nameOf(model, index),
    keys,
    unique: index.unique ?? false,
    partial: where !== undefined && nulls !== undefined
      ? { $and: [where, nulls] }
      : where ?? nulls,
  };
}

function lost(model: AnyModel, index: Index, why: string): string {
  const said = `${model.table}: the index ${
    nameOf(model, index)
  } ${why}, which MongoDB does not have`;
  if (index.unique) {
    throw new ModelError(`Cannot keep a unique key. ${said}`);
  }
  return said;
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
  if (field === undefined) throw new ModelError(`${model.name} lacks ${name}`);
  return field;
}

/** The same for a filter that was asked for and for one that the server gives back. */
function text(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => {
    if (typeof inner === "bigint") return Number(inner);
    return typeof inner === "number" && !Number.isFinite(inner)
      ? String(inner)
      : inner;
  }) ?? "";
}
