import type { Document } from "mongodb";
import type { DuplicateKeyError } from "../../../base/errors/mod.ts";
import type { Field } from "../../../model/field.ts";
import { fieldsNamed, keysOf } from "../../../model/keys.ts";
import { cachedByModel } from "../../../model/cached_by_model.ts";
import type { AnyModel } from "../../../model/types.ts";
import { keyIdentity, partIdentity } from "../../compile/keys.ts";
import { existingKeyError } from "../../link/duplicate_key.ts";
import type { MongoLink } from "../../link/link.ts";
import { documentsByKey } from "../../read/documents_by_key.ts";
import { keyName } from "../../schema/collection.ts";

/** A unique key of a model. */
export interface UniqueKey {
  /** Its fields. */
  readonly fields: readonly Field[];
  /** A document's values of these fields. */
  valuesOf(document: Document): readonly unknown[];
  /** The values as one text; undefined if one of them is null. */
  identityOf(document: Document): string | undefined;
}

/** The unique keys of a model, the primary key first. */
export const uniqueKeys: (model: AnyModel) => readonly UniqueKey[] =
  cachedByModel((model) =>
    keysOf(model).map((key) => uniqueKey(fieldsNamed(model, key)))
  );

/** The unique key of these fields. */
export function uniqueKey(fields: readonly Field[]): UniqueKey {
  const columns = fields.map(({ column }) => column);
  const valuesOf = (document: Document): readonly unknown[] =>
    columns.map((column) => document[column]);
  const [only = ""] = columns;
  return {
    fields,
    valuesOf,
    identityOf: columns.length === 1
      ? (document) => partIdentity(document[only])
      : (document) => keyIdentity(valuesOf(document)),
  };
}

/** Documents without duplicates. */
export interface Deduplicated {
  readonly documents: readonly Document[];
  /** The number of duplicates. */
  readonly duplicates: number;
  /** The unique key of the first duplicate. */
  readonly duplicateKey: UniqueKey | undefined;
}

/** Removes the documents with a unique key that exists in the collection or in an earlier document. */
export async function withoutDuplicates(
  link: MongoLink,
  model: AnyModel,
  keys: readonly UniqueKey[],
  documents: readonly Document[],
): Promise<Deduplicated> {
  const seen = await Promise.all(keys.map(async (key) => {
    const existing = await documentsByKey(
      link,
      model,
      key.fields,
      documents.map(key.valuesOf).filter((values) =>
        keyIdentity(values) !== undefined
      ),
      key.fields,
    );
    return new Set(existing.keys());
  }));
  const unique: Document[] = [];
  let duplicateKey: UniqueKey | undefined;
  for (const document of documents) {
    const identities = keys.map((key) => key.identityOf(document));
    const duplicate = identities.findIndex((identity, index) =>
      identity !== undefined && seen[index]?.has(identity)
    );
    if (duplicate >= 0) {
      duplicateKey ??= keys[duplicate];
      continue;
    }
    unique.push(document);
    for (const [index, identity] of identities.entries()) {
      if (identity !== undefined) seen[index]?.add(identity);
    }
  }
  return {
    documents: unique,
    duplicates: documents.length - unique.length,
    duplicateKey,
  };
}

/** The error about a duplicate of a unique key. */
export function uniqueKeyError(
  model: AnyModel,
  key: UniqueKey | undefined,
): DuplicateKeyError {
  const { name, table } = model;
  const fields = key?.fields.map(({ name }) => name) ?? [];
  const constraint = key === undefined ? undefined : keyName(model, key.fields);
  return existingKeyError({ model: name, table, constraint, fields });
}
