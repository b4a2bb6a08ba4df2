import { parse as parseArray } from "postgres-array";
import type { FieldType } from "../../model/field.ts";
import { elementKind } from "./column_type.ts";
import { KINDS } from "./kinds.ts";

/** Reads a value from the text of a column. */
export type TextReader = (text: string) => unknown;

/** Writes a value as PostgreSQL reads it. */
export function writeText(type: FieldType, value: unknown): string {
  return type.kind === "array"
    ? writeArrayText(type.item, Array.isArray(value) ? value : [value])
    : KINDS[type.kind].write(value);
}

/** Writes values as the text of a PostgreSQL array. */
export function writeArrayText(
  type: FieldType,
  values: readonly unknown[],
): string {
  const items = values.map((value) =>
    value === null || value === undefined
      ? "NULL"
      : quotedItem(writeText(type, value))
  );
  return `{${items.join(",")}}`;
}

/** Returns the reader of a field's values. */
export function textReader(type: FieldType): TextReader {
  if (type.kind !== "array") return KINDS[type.kind].read;
  const { read } = KINDS[elementKind(type.item)];
  return (text) => parseArray(text, read);
}

/** Returns the reader of a column that is not a field, by its type: for native queries. */
export function nativeReader(oid: number): TextReader {
  return NATIVE.get(oid) ?? ((text) => text);
}

/** Returns the reader of a native column with the name of a field: that of the field, unless the type of the column does not match. */
export function namedColumnReader(type: FieldType, oid: number): TextReader {
  const native = NATIVE.get(oid);
  const isOfField = type.kind !== "array" &&
    KINDS[type.kind].readable?.includes(oid) === true;
  return native === undefined || isOfField ? textReader(type) : native;
}

const INT2 = 21;
const OID = 26;
const TIMESTAMP = 1114;
const JSON_TEXT = 114;

const NATIVE: ReadonlyMap<number, TextReader> = new Map([
  ...Object.values(KINDS).flatMap((
    { oid, arrayOid, read },
  ): [number, TextReader][] => [
    [oid, read],
    [arrayOid, (text) => parseArray(text, read)],
  ]),
  [INT2, KINDS.int32.read],
  [OID, KINDS.int32.read],
  [TIMESTAMP, KINDS.date.read],
  [JSON_TEXT, KINDS.json.read],
]);

function quotedItem(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
