import type { Document } from "mongodb";
import type { UniqueKey } from "../base/unique_key.ts";

/** The keys of documents, key by key. Numbers and texts that are a key alone stand for themselves, which spares making a text of each. */
export function identitiesOf(
  keys: readonly UniqueKey[],
  documents: readonly Document[],
): readonly Set<unknown>[] {
  return keys.map((key) => {
    const identities = new Set<unknown>();
    const [field, ...others] = key.fields;
    const alone = field !== undefined && others.length === 0 &&
      PLAIN.has(field.type.kind);
    for (const document of documents) {
      const identity: unknown = alone
        ? document[field.column]
        : key.identity(document);
      if (identity !== undefined && identity !== null) identities.add(identity);
    }
    return identities;
  });
}

/** Kinds whose values are equal in JavaScript when they are in the database. */
const PLAIN: ReadonlySet<string> = new Set(["int32", "int64", "string"]);

/** Whether documents have a key in common. */
export function overlap(
  left: readonly Set<unknown>[],
  right: readonly Set<unknown>[],
): boolean {
  return left.some((set, place) => {
    const other = right[place];
    return other !== undefined && !set.isDisjointFrom(other);
  });
}
