import type { FieldType } from "../../model/field.ts";
import { isNotFinite } from "../../model/value_problem.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { elementOid } from "./column_type.ts";
import type { BinaryEncoder } from "./encoders.ts";
import { codecOf, itemsOf, type Typed } from "./kinds.ts";

/** Creates the encoder of a field. It checks and writes a value in one pass. */
export function binaryEncoder(field: Typed, to: ByteWriter): BinaryEncoder {
  return field.type.kind === "array"
    ? arrayEncoder(field, field.type, to)
    : codecOf(field).binary(to, field.type);
}

/** Writes NaN or an infinity, for a model that keeps them. */
export function writeNotFinite(
  type: FieldType,
  value: number,
  to: ByteWriter,
): void {
  if (type.kind === "float32") {
    to.int32(4);
    to.float32(value);
  } else {
    to.int32(8);
    to.float64(value);
  }
}

type ArrayType = Extract<FieldType, { kind: "array" }>;

/** An array is its length in bytes, the number of dimensions, a flag for nulls, the element type, and for each dimension its size and lower bound. */
function arrayEncoder(
  field: Typed,
  { item: itemType, nullableItems, keepsNotFinite }: ArrayType,
  to: ByteWriter,
): BinaryEncoder {
  const oid = elementOid(field);
  const encode = binaryEncoder(itemsOf(field), to);
  return (value) => {
    if (!Array.isArray(value)) return false;
    if (value.length === 0) {
      to.int32(12);
      to.int32(0);
      to.int32(0);
      to.int32(oid);
      return true;
    }
    const before = to.length;
    to.int32(0);
    to.int32(1);
    to.int32(value.includes(null) ? 1 : 0);
    to.int32(oid);
    to.int32(value.length);
    to.int32(1);
    for (const item of value) {
      if (item === null && nullableItems) to.int32(-1);
      else if (keepsNotFinite && isNotFinite(item)) {
        writeNotFinite(itemType, Number(item), to);
      } else if (!encode(item)) return false;
    }
    to.patchInt32(before, to.length - before - 4);
    return true;
  };
}
