import { BSON, type Document } from "mongodb";
import { createHash } from "node:crypto";

/** How wide a line of a file is at most, where it can be broken. */
const WIDTH = 78;

/**
 * A command out of its Extended JSON, with every number of the type that it is
 * written as.
 */
export function commandIn(text: string): Document {
  return BSON.EJSON.parse(text, { relaxed: false });
}

/** A command as Extended JSON on one line, with plain numbers where nothing is lost by it. */
export function textOf(command: unknown): string {
  return JSON.stringify(simple(serialized(command)));
}

/** The same as a person reads it: what fits stands on one line. */
export function printed(command: unknown, indent: string): string {
  return layOut(simple(serialized(command)), indent, 0);
}

/** The same text for what is equal to MongoDB, whatever the types of its numbers and the order of its keys. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(compared(serialized(value))) ?? "";
}

/** A digest of some text. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A value's property; undefined where it has none. */
export function entry(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null &&
      Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

/** Whether a value is a document, and no list. */
export function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The documents of a list; none where it is no list. */
export function documentsIn(value: unknown): readonly Document[] {
  return Array.isArray(value) ? value.filter(isDocument) : [];
}

/** The keys of a value's documents, however deep. */
export function keysIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...Array.isArray(value) ? [] : [key],
    ...keysIn(inner),
  ]);
}

/** Whether a value is true to the server, which takes numbers too. */
export function isTrue(value: unknown): boolean {
  return typeof value === "boolean"
    ? value
    : value !== undefined && value !== null && Number(value) !== 0;
}

function serialized(value: unknown): unknown {
  return value === undefined
    ? undefined
    : entry(BSON.EJSON.serialize({ value }, { relaxed: false }), "value");
}

/** Canonical Extended JSON with less in it. */
function simple(value: unknown): unknown {
  const int = entry(value, "$numberInt");
  if (int !== undefined) return Number(int);
  const double = entry(value, "$numberDouble");
  if (double !== undefined) {
    const number = Number(double);
    return Number.isFinite(number) && !Number.isInteger(number)
      ? number
      : value;
  }
  const time = entry(entry(value, "$date"), "$numberLong");
  if (time !== undefined) {
    const date = new Date(Number(time));
    const year = date.getUTCFullYear();
    return year >= 1970 && year <= 9999 ? { $date: date.toISOString() } : value;
  }
  if (Array.isArray(value)) return value.map(simple);
  return isDocument(value)
    ? Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, simple(inner)]),
    )
    : value;
}

function compared(value: unknown): unknown {
  const number = entry(value, "$numberInt") ?? entry(value, "$numberLong") ??
    entry(value, "$numberDouble");
  if (number !== undefined) return String(Number(number));
  if (Array.isArray(value)) return value.map(compared);
  return isDocument(value)
    ? Object.fromEntries(
      Object.entries(value).sort(([one], [other]) => one < other ? -1 : 1)
        .map(([key, inner]) => [key, compared(inner)]),
    )
    : value;
}

function layOut(value: unknown, indent: string, before: number): string {
  const flat = spaced(value);
  if (indent.length + before + flat.length <= WIDTH) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value) && value.length > 0) {
    const items = value.map((item) => `${inner}${layOut(item, inner, 1)}`);
    return `[\n${items.join(",\n")}\n${indent}]`;
  }
  if (isDocument(value) && Object.keys(value).length > 0) {
    const entries = Object.entries(value).map(([key, item]) => {
      const name = `${JSON.stringify(key)}: `;
      return `${inner}${name}${layOut(item, inner, name.length + 1)}`;
    });
    return `{\n${entries.join(",\n")}\n${indent}}`;
  }
  return flat;
}

/** On one line, with spaces. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (!isDocument(value)) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).map(([key, inner]) =>
    `${JSON.stringify(key)}: ${spaced(inner)}`
  );
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}
