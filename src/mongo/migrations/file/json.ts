import type { Document } from "mongodb";
import { BSON } from "../../link/mongodb.ts";
import { entry, isDocument } from "../../schema/documents.ts";

/** Width of a line in a file, if it can be broken. */
const WIDTH = 78;

/** Returns a command from its Extended JSON; every number keeps the type in which it is written. */
export function commandIn(text: string): Document {
  return BSON.EJSON.parse(text, { relaxed: false });
}

/** Returns a command as Extended JSON on one line, with plain numbers if that loses nothing. */
export function textOf(command: unknown): string {
  return JSON.stringify(simple(serialized(command)));
}

/** Returns a command as Extended JSON for people: what fits stays on one line. */
export function printed(command: unknown, indent: string): string {
  return layOut(simple(serialized(command)), indent, 0);
}

/** Returns a text that is equal for values that are equal to MongoDB, regardless of number types and key order. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(compared(serialized(value))) ?? "";
}

function serialized(value: unknown): unknown {
  return value === undefined
    ? undefined
    : entry(BSON.EJSON.serialize({ value }, { relaxed: false }), "value");
}

/** Simplifies canonical Extended JSON if that loses nothing. */
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

/** Returns a value on one line, with spaces. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (!isDocument(value)) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).map(([key, inner]) =>
    `${JSON.stringify(key)}: ${spaced(inner)}`
  );
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}
