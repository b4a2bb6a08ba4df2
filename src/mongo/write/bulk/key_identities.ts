import type { Document } from "mongodb";
import { codecOf } from "../../codec/field_codec.ts";
import type { UniqueKey } from "../base/unique_key.ts";

/** The identities of documents for each unique key. A key of one number or text is its own identity, without conversion to text. */
export function keyIdentities(
  keys: readonly UniqueKey[],
  documents: readonly Document[],
): readonly Set<unknown>[] {
  return keys.map((key) => {
    const identities = new Set<unknown>();
    const [field, ...others] = key.fields;
    const ownField = others.length === 0 && field !== undefined &&
        codecOf(field.type).isIdentity
      ? field
      : undefined;
    for (const document of documents) {
      const identity: unknown = ownField === undefined
        ? key.identityOf(document)
        : document[ownField.column];
      if (identity !== undefined && identity !== null) identities.add(identity);
    }
    return identities;
  });
}

/** Whether two groups of documents share a value of a unique key. */
export function haveCommonKey(
  left: readonly Set<unknown>[],
  right: readonly Set<unknown>[],
): boolean {
  return left.some((identities, index) => {
    const others = right[index];
    return others !== undefined && !identities.isDisjointFrom(others);
  });
}
