import type { Document } from "mongodb";
import { DuplicateKeyError } from "../../../base/errors/mod.ts";
import type { Field } from "../../../model/field.ts";
import { fieldsNamed, keysOf } from "../../../model/keys.ts";
import type { AnyModel } from "../../../model/types.ts";
import { identityOf } from "../../compile/keys.ts";
import type { MongoLink } from "../../link/link.ts";
import { documentsByKey } from "../../read/documents_by_key.ts";
import { keyName } from "../../schema/collection.ts";

/** One unique key of a model. */
export interface UniqueKey {
  /** Its fields. */
  readonly fields: readonly Field[];
  /** What a document holds in them. */
  of(document: Document): readonly unknown[];
  /** That as one text; undefined where there is null in it. */
  identity(document: Document): string | undefined;
}

/** A model's unique keys, the primary one first. */
export function uniqueKeys(model: AnyModel): readonly UniqueKey[] {
  return keysOf(model).map((key) => uniqueKey(fieldsNamed(model, key)));
}

/** The key of these fields. */
export function uniqueKey(fields: readonly Field[]): UniqueKey {
  const columns = fields.map(({ column }) => column);
  const of = (document: Document): readonly unknown[] =>
    columns.map((column) => document[column]);
  return { fields, of, identity: (document) => identityOf(of(document)) };
}

/** Documents whose keys are free, and those of which one is not. */
export interface Sifted {
  readonly free: readonly Document[];
  /** How many were left out. */
  readonly taken: number;
  /** The first key that was not free. */
  readonly key: UniqueKey | undefined;
}

/** Leaves out documents with a key that is there or that one before them has. */
export async function sift(
  link: MongoLink,
  model: AnyModel,
  keys: readonly UniqueKey[],
  documents: readonly Document[],
): Promise<Sifted> {
  const seen = await Promise.all(keys.map(async (key) => {
    const there = await documentsByKey(
      link,
      model,
      key.fields,
      documents.map(key.of).filter((values) =>
        identityOf(values) !== undefined
      ),
      key.fields,
    );
    return new Set(there.keys());
  }));
  const free: Document[] = [];
  let first: UniqueKey | undefined;
  for (const document of documents) {
    const identities = keys.map((key) => key.identity(document));
    const place = identities.findIndex((identity, at) =>
      identity !== undefined && seen[at]?.has(identity)
    );
    if (place >= 0) {
      first ??= keys[place];
      continue;
    }
    free.push(document);
    for (const [at, identity] of identities.entries()) {
      if (identity !== undefined) seen[at]?.add(identity);
    }
  }
  return { free, taken: documents.length - free.length, key: first };
}

/** The error that a key is not free. */
export function taken(
  model: AnyModel,
  key: UniqueKey | undefined,
): DuplicateKeyError {
  const { table } = model;
  const fields = key?.fields.map(({ name }) => name) ?? [];
  const constraint = key === undefined ? undefined : keyName(model, key.fields);
  return new DuplicateKeyError(
    `Cannot write ${table}: the key ${fields.join(", ")} is taken`,
    { table, constraint, fields },
  );
}
