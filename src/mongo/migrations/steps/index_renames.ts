import { isPlain } from "../../../base/is_plain.ts";
import type { Document } from "mongodb";
import type { CollectionIndex } from "../../schema/collection.ts";
import { keysIn } from "../../schema/documents.ts";

/** Returns whether a renamed field is in the keys or the condition of an index. */
export function isTouched(
  { keys, partial }: CollectionIndex,
  renames: ReadonlyMap<string, string>,
): boolean {
  return keys.some(([column]) => renames.has(column)) ||
    keysIn(partial).some((key) => renames.has(key));
}

/** Returns an index with the new names of its fields. */
export function renamedIndex(
  index: CollectionIndex,
  renames: ReadonlyMap<string, string>,
): CollectionIndex {
  return {
    ...index,
    keys: index.keys.map((
      [column, direction],
    ) => [renames.get(column) ?? column, direction]),
    partial: renamedKeys(index.partial, renames),
  };
}

/** Returns a filter with the new names of its fields. */
function renamedKeys<Value>(
  value: Value,
  renames: ReadonlyMap<string, string>,
): Value | Document {
  if (Array.isArray(value)) {
    return value.map((one: unknown) => renamedKeys(one, renames));
  }
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      renames.get(key) ?? key,
      renamedKeys(inner, renames),
    ]),
  );
}
