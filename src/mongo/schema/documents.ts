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

/** Returns the documents of a list; empty if the value is not a list. */
export function documentsIn(value: unknown): readonly Document[] {
  return Array.isArray(value) ? value.filter(isDocument) : [];
}

/** Returns the keys of a value's documents at any depth. */
export function keysIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...Array.isArray(value) ? [] : [key],
    ...keysIn(inner),
  ]);
}

/** Returns whether the server treats a value as true; it accepts numbers too. */
export function isTrue(value: unknown): boolean {
  return typeof value === "boolean"
    ? value
    : value !== undefined && value !== null && Number(value) !== 0;
}
