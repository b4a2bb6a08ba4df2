import { Buffer } from "node:buffer";
import type { Field } from "../../model/field.ts";
import { fieldReader } from "./column_reader.ts";
import { bindType, elementOid } from "./column_type.ts";
import type { SentItems } from "./copied_columns.ts";
import { codecOf } from "./kinds.ts";
import { writeText } from "./value_text.ts";
import { OID } from "./wire/types.ts";
import {
  type ColumnForms,
  readText,
  readValue,
  roundsEncoding,
  stageColumn,
} from "./written_value.ts";

/** How a statement receives the values of a column: as an array. */
export interface SentColumn extends SentItems {
  /** The type of the items as SQL. */
  readonly sqlType: string;
  /**
   * Returns SQL that reads an item as the table stores it.
   * @param text SQL of the item
   */
  read(text: string): string;
}

/** Returns how a statement receives the values of a field, so that it writes the same values as a stage that COPY fills. */
export function sentColumn(field: Field, columns: ColumnForms): SentColumn {
  const column = columns.get(field.column);
  const { sameBinary } = codecOf(field);
  const isText = roundsEncoding(field, column);
  if (
    isText || (field.type.kind !== "array" && sameBinary.includes(OID.text))
  ) {
    return sentText(field, columns);
  }
  if (field.type.kind === "array") {
    return { ...sentText(field, columns), convert: arrayText(field) };
  }
  const isTimestamp = column?.baseType === OID.timestamp &&
    sameBinary.includes(OID.timestamp);
  const oid = isTimestamp ? OID.timestamp : elementOid(field);
  const sqlType = isTimestamp ? "timestamp without time zone" : bindType(field);
  return {
    oid,
    sqlType,
    convert: undefined,
    read(text) {
      const read = readText(field, columns, text);
      if (read !== undefined || column === undefined) return read ?? text;
      const isSame = column.type === oid && column.modifier < 0;
      return isSame ? text : `cast(${text} as ${stageColumn(field, columns)})`;
    },
  };
}

/** Returns how a statement receives the texts of a field's values. */
export function sentText(field: Field, columns: ColumnForms): SentColumn {
  return {
    oid: OID.text,
    sqlType: "text",
    convert: undefined,
    read: (text) => readValue(field, columns, text),
  };
}

/** Converts the binary form of an array to its text: an array of arrays has one length for all. */
function arrayText(field: Field): (item: Buffer) => Uint8Array {
  const element = elementOid(field);
  const read = fieldReader(field, {
    type: codecOf(field).arrayOid,
    isBinary: true,
  });
  if (read === undefined) {
    throw new TypeError(`No reader of arrays of type ${element}`);
  }
  return (item) => {
    const view = new DataView(item.buffer, item.byteOffset, item.length);
    return Buffer.from(writeText(field, read(item, view, 0, item.length)));
  };
}
