import { Buffer } from "node:buffer";
import type { Field } from "../../model/field.ts";
import { isFloat, isNotFinite } from "../../model/value_problem.ts";
import { binaryEncoder, writeNotFinite } from "./binary.ts";
import { ByteWriter } from "./byte_writer.ts";
import { bindType, elementOid } from "./column_type.ts";
import type { ColumnForm } from "./stored_form.ts";
import { writeText } from "./value_text.ts";
import { OID } from "./wire/types.ts";

/** Values of a field, as one array. */
interface ArrayValue {
  /** The type of the items as SQL. */
  readonly sqlType: string;
  /** The binary format of the array. */
  readonly bytes: Uint8Array;
}

/** The kinds whose text is as short as their binary format, or is checked again by their encoder. */
const TEXT_KINDS: readonly string[] = ["string", "enum", "json", "array"];
/** The length of most items, in bytes. */
const ITEM_BYTES = 12;

/**
 * Returns values of a field as an array in the binary format: of the type of
 * their column if it is that of the field, and else of their texts. Both can be
 * cast to the type of the column with the same result.
 */
export function arrayValue(
  field: Field,
  column: ColumnForm | undefined,
  values: readonly unknown[],
): ArrayValue {
  const oid = elementOid(field);
  const isBinary = column?.type === oid &&
    !TEXT_KINDS.includes(field.type.kind);
  const bytes = isBinary ? binaryArray(field, oid, values) : undefined;
  return bytes === undefined
    ? { sqlType: "text", bytes: textArray(field, values) }
    : { sqlType: bindType(field), bytes };
}

/** Undefined if a value has another type than the field: a key is not checked. */
function binaryArray(
  field: Field,
  oid: number,
  values: readonly unknown[],
): Uint8Array | undefined {
  const to = writerOf(oid, values.length);
  const encode = binaryEncoder(field, to);
  for (const value of values) {
    if (isMissing(value)) to.int32(-1);
    else if (typeof value === "number" && isNotFinite(value)) {
      if (!isFloat(field.type)) return undefined;
      writeNotFinite(field.type, value, to);
    } else if (!encode(value)) return undefined;
  }
  return to.take();
}

function textArray(field: Field, values: readonly unknown[]): Uint8Array {
  const to = writerOf(OID.text, values.length);
  for (const value of values) {
    if (isMissing(value)) {
      to.int32(-1);
      continue;
    }
    const text = writeText(field, value);
    if (to.text(text)) continue;
    // The server refuses a text that PostgreSQL cannot hold.
    const bytes = Buffer.from(text);
    to.int32(bytes.length);
    to.raw(bytes);
  }
  return to.take();
}

/** Returns a writer with the header of an array of one dimension, which may contain nulls. */
function writerOf(oid: number, length: number): ByteWriter {
  const to = new ByteWriter(length * ITEM_BYTES + ITEM_BYTES * 2);
  for (const part of [1, 1, oid, length, 1]) to.int32(part);
  return to;
}

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}
