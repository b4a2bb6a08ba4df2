import type { Field, FieldType } from "../../model/field.ts";
import { storedValue } from "../../query/write/values.ts";
import { codecOf } from "./field_codec.ts";

/** Encodes a checked value; null if there is none. */
export function encodeValue(type: FieldType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  const { encode } = codecOf(type);
  return encode === undefined ? value : encode(value);
}

/** Encodes a checked value of a field, in its canonical form. */
export function encodeField(field: Field, value: unknown): unknown {
  return encodeValue(field.type, storedValue(field, value));
}
