import type { Field, FieldType } from "../../model/field.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { elementOid } from "./column_type.ts";
import { type BinaryEncoder, type KindCodec, KINDS } from "./kinds.ts";

/** Creates the encoder of a field. It checks and writes a value in one pass. */
export function binaryEncoder(
  { type, sqlType }: Pick<Field, "type" | "sqlType">,
  to: ByteWriter,
): BinaryEncoder {
  if (type.kind === "array") return arrayEncoder(type, sqlType, to);
  // TypeScript cannot relate the kind of a type to its codec; the table does.
  const codec = KINDS[type.kind] as KindCodec<FieldType>;
  return codec.binary(to, type);
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

/** An array is its length in bytes, the number of dimensions, a flag for nulls, the element type, and for each dimension its size and lower bound. */
function arrayEncoder(
  type: Extract<FieldType, { kind: "array" }>,
  sqlType: string | undefined,
  to: ByteWriter,
): BinaryEncoder {
  const oid = elementOid(type.item, sqlType);
  const encode = binaryEncoder({ type: type.item, sqlType }, to);
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
      if (item === null && type.nullableItems) to.int32(-1);
      else if (!encode(item)) return false;
    }
    to.patchInt32(before, to.length - before - 4);
    return true;
  };
}
