import type { FieldType } from "../../model/field.ts";
import { fromText, type Refuse, toJson } from "./from_text.ts";

/** Returns the value of a typed value other than null. */
export type FromTyped = (value: unknown, refuse: Refuse) => unknown;

/**
 * Returns the function that converts the typed values of a field, as Avro and
 * Parquet have them. Texts are converted as in CSV. A value of a wrong type is
 * returned as it is: the model refuses it.
 */
export function typedConverter(type: FieldType): FromTyped {
  if (type.kind === "array") return arrayConverter(typedConverter(type.item));
  const { kind } = type;
  const ofText = kind === "json" ? toJson : fromText(type);
  const convert: FromTyped = (value, refuse) => {
    switch (typeof value) {
      case "string":
        return ofText(value, refuse);
      case "bigint":
        return ofBigint(kind, value, refuse);
      case "number":
        return kind === "int64" && isRounded(value)
          ? refuse(`is a float of ${value}, which may have lost digits`)
          : value;
      case "object":
        return value instanceof Uint8Array && kind !== "bytes"
          ? convert(textOf(kind, value, refuse), refuse)
          : value;
      default:
        return value;
    }
  };
  return convert;
}

function arrayConverter(ofItem: FromTyped): FromTyped {
  return (value, refuse) =>
    Array.isArray(value)
      ? value.map((item, index) =>
        item === null || item === undefined
          ? null
          : ofItem(item, (reason) => refuse(`[${index}] ${reason}`))
      )
      : value;
}

function ofBigint(
  kind: FieldType["kind"],
  value: bigint,
  refuse: Refuse,
): unknown {
  const number = Number(value);
  const isSafe = Number.isSafeInteger(number);
  if (kind === "float32" || kind === "float64") {
    return isSafe || BigInt(number) === value
      ? number
      : refuse(`is the integer ${value}, of which a float would lose digits`);
  }
  return (kind === "int16" || kind === "int32") && isSafe ? number : value;
}

/** Whether a number may be the nearest float of another integer. */
function isRounded(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

/** Returns the text of bytes: a file need not say that they are text. */
function textOf(
  kind: FieldType["kind"],
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
