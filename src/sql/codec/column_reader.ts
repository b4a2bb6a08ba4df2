import { parse as parseArray } from "postgres-array";
import type { AnyModel } from "../../model/types.ts";
import type { Column } from "../link/link.ts";
import { codecOf, itemsOf, KINDS, type Typed } from "./kinds.ts";
import {
  arrayReader,
  AS_TEXT,
  assertNoNull,
  nestedArrayReader,
} from "./wire/array.ts";
import { parseJson } from "./wire/exact_json.ts";
import {
  bytesReader,
  int16Reader,
  uint32Reader,
  utf8Reader,
} from "./wire/scalars.ts";
import {
  elementOf,
  OID,
  SETTING_DEPENDENT,
  textReaderOf,
} from "./wire/types.ts";
import { UnreadableValue, type ValueReader } from "./wire/value_reader.ts";

/** Returns the function that reads the values of a field from a column; undefined if the field cannot read its type. */
export function fieldReader(
  field: Typed,
  { type, isBinary }: Pick<Column, "type" | "isBinary">,
): ValueReader | undefined {
  if (field.type.kind !== "array") return scalarReader(field, type, isBinary);
  const items = itemsOf(field);
  const { nullableItems } = field.type;
  if (!isBinary) {
    return codecOf(items).readers === "any"
      ? arrayLiteralReader(nullableItems)
      : undefined;
  }
  const element = elementOf(type);
  const item = element === undefined
    ? undefined
    : scalarReader(items, element, true);
  return item === undefined ? undefined : arrayReader(item, nullableItems);
}

function scalarReader(
  field: Typed,
  type: number,
  isBinary: boolean,
): ValueReader | undefined {
  const { readers } = codecOf(field);
  if (readers !== "any") return isBinary ? readers[type] : undefined;
  if (isBinary) return textReaderOf(type);
  return SETTING_DEPENDENT.has(type) ? undefined : utf8Reader;
}

/** Reads the text of an array whose items have an unknown type, such as an enum. */
function arrayLiteralReader(nullableItems: boolean): ValueReader {
  return (...value) => {
    const text = utf8Reader(...value);
    if (!text.startsWith("{")) {
      throw new UnreadableValue(
        text.startsWith("[")
          ? "holds an array that does not begin at index 1, which an array of JavaScript cannot represent"
          : "is not an array",
        AS_TEXT,
      );
    }
    const items = parseArray(text, (item) => item);
    if (items.some(Array.isArray)) {
      throw new UnreadableValue(
        "holds an array of several dimensions",
        AS_TEXT,
      );
    }
    if (!nullableItems) assertNoNull(items);
    return items;
  };
}

/** Returns the function that reads the values of a column that is not a field, by its type. */
export function nativeReader(
  { type, isBinary }: Pick<Column, "type" | "isBinary">,
): ValueReader {
  return isBinary
    ? NATIVE.get(type) ?? textReaderOf(type) ?? utf8Reader
    : nativeTextReader(type);
}

/** Returns the function that reads the columns of native queries on some models: `bytea` is bytes if it has the name of a field of bytes, and else text. */
export function nativeReaderOf(
  models: readonly AnyModel[],
): (column: Column) => ValueReader {
  const names = new Set(
    models.flatMap(({ fields }) =>
      fields.flatMap(({ type, column }) =>
        type.kind === "bytes" ? [column] : []
      )
    ),
  );
  return (column) =>
    column.isBinary && column.type === OID.bytea && names.has(column.name)
      ? bytesReader
      : nativeReader(column);
}

/** Returns the function that reads a value that arrives as text: of an unknown type, or of any type if several statements were sent at once. */
function nativeTextReader(type: number): ValueReader {
  const read = NATIVE_TEXTS[type];
  if (read !== undefined) return (...value) => read(utf8Reader(...value));
  if (!NATIVE.has(type) && !SETTING_DEPENDENT.has(type)) return utf8Reader;
  return () => {
    throw new UnreadableValue(
      "has a type that can only be read if its statement is sent alone",
    );
  };
}

const NATIVE_TEXTS: Readonly<Record<number, (text: string) => unknown>> = {
  [OID.int2]: Number,
  [OID.int4]: Number,
  [OID.oid]: Number,
  [OID.int8]: BigInt,
  [OID.bool]: (text) => text === "t",
  [OID.json]: parseJson,
  [OID.jsonb]: parseJson,
  [OID.text]: String,
  [OID.varchar]: String,
  [OID.uuid]: String,
  // Its text follows lc_monetary, and it has no other form.
  [OID.money]: String,
};

/** Returns the function that reads a native column with the name of a field: that of the field, unless the type of the column does not match. */
export function namedColumnReader(field: Typed, column: Column): ValueReader {
  const readsAll = codecOf(field).readers === "any" &&
    field.sqlType === undefined;
  return readsAll && NATIVE.has(column.type)
    ? nativeReader(column)
    : fieldReader(field, column) ?? nativeReader(column);
}

/** The types with a JavaScript form of their own; the values of any other type are texts. */
const NATIVE: ReadonlyMap<number, ValueReader> = new Map([
  ...Object.values(KINDS).flatMap((
    { oid, arrayOid, readers },
  ): [number, ValueReader][] => {
    const reader = readers === "any" ? utf8Reader : readers[oid];
    return reader === undefined || oid === OID.bytea
      ? []
      : [[oid, reader], [arrayOid, nestedArrayReader(reader)]];
  }),
  [OID.int2, int16Reader],
  [OID.oid, uint32Reader],
  ...[OID.timestamp, OID.json].flatMap((oid): [number, ValueReader][] => {
    const { readers } = oid === OID.json ? KINDS.json : KINDS.date;
    const reader = readers === "any" ? undefined : readers[oid];
    return reader === undefined ? [] : [[oid, reader]];
  }),
]);
