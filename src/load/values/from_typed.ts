import type { FieldType } from "../../model/field.ts";
import { fromText, type Refuse, toJson } from "./from_text.ts";

/**
 * Returns the value of a typed value other than null, as Avro and Parquet have
 * them. Texts are converted as in CSV. A value of a wrong type is returned as it
 * is: the model refuses it.
 */
export function fromTyped(
  type: FieldType,
  value: unknown,
  refuse: Refuse,
): unknown {
  if (type.kind === "array") {
    return Array.isArray(value)
      ? value.map((item, index) =>
        item === null || item === undefined ? null : fromTyped(
          type.item,
          item,
          (reason) => refuse(`[${index}] ${reason}`),
        )
      )
      : value;
  }
  if (value instanceof Uint8Array) {
    return type.kind === "bytes"
      ? value
      : fromTyped(type, textOf(type, value, refuse), refuse);
  }
  if (typeof value === "string") {
    return type.kind === "json"
      ? toJson(value, refuse)
      : fromText(type)(value, refuse);
  }
  if (typeof value === "bigint") {
    if (type.kind === "float32" || type.kind === "float64") {
      return Number(value);
    }
    return type.kind === "int32" && Number.isSafeInteger(Number(value))
      ? Number(value)
      : value;
  }
  if (
    type.kind === "int64" && typeof value === "number" &&
    Number.isInteger(value) && !Number.isSafeInteger(value)
  ) {
    return refuse(`is a float of ${value}, which may have lost digits`);
  }
  return value;
}

/** Returns the text of bytes: a file need not say that they are text. */
function textOf(
  { kind }: FieldType,
  bytes: Uint8Array,
  refuse: Refuse,
): unknown {
  if (kind === "uuid" && bytes.length === 16) {
    return bytes.toHex().replace(
      /^(.{8})(.{4})(.{4})(.{4})(.{12})$/,
      "$1-$2-$3-$4-$5",
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    return refuse("is not valid UTF-8");
  }
}
