import type { Document } from "mongodb";
import type { CollectionIndex } from "../../schema/collection.ts";
import { keysIn } from "../file/json.ts";

/** Whether an index is over a field that gets another name, or has one in its condition. */
export function isTouched(
  { keys, partial }: CollectionIndex,
  renames: ReadonlyMap<string, string>,
): boolean {
  return keys.some(([column]) => renames.has(column)) ||
    keysIn(partial).some((key) => renames.has(key));
}

/** An index when its fields have their new names. */
export function renamed(
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

/** A filter with other names in it. */
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

function isPlain(value: unknown): value is Document {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}
