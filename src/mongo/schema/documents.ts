import type { Document } from "mongodb";

/** Returns a property of a value; undefined if it has none. */
export function entry(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null &&
      Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

/** Returns whether a value is a document and not a list. */
export function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
