// deno-lint-ignore-file explicit-module-boundary-types -- ValueReader and TextReader have the types
import { floatText } from "./float_text.ts";
import { parseJson } from "./exact_json.ts";
import {
  assertLength,
  type TextReader,
  UnreadableValue,
  type ValueReader,
} from "./value_reader.ts";

/** Reads an `int2` as a number. */
export const int16Reader: ValueReader<number> = (_, view, at, length) => {
  assertLength(length, 2);
  return view.getInt16(at);
};

/** Reads an `int4` as a number. */
export const int32Reader: ValueReader<number> = (_, view, at, length) => {
  assertLength(length, 4);
  return view.getInt32(at);
};

/** Reads an `oid` as a number. */
export const uint32Reader: ValueReader<number> = (_, view, at, length) => {
  assertLength(length, 4);
  return view.getUint32(at);
};

/** Reads an `int8` as a bigint. */
export const int64Reader: ValueReader<bigint> = (_, view, at, length) => {
  assertLength(length, 8);
  return view.getBigInt64(at);
};

/** Reads an `int8` as a number. */
export const int64NumberReader: ValueReader = (_, view, at, length) => {
  assertLength(length, 8);
  const stored = view.getBigInt64(at);
  const value = Number(stored);
  if (BigInt(value) === stored) return value;
  throw new UnreadableValue(
    `holds ${stored}, which a double cannot represent`,
    `To read such integers, declare the field as z.int64()`,
  );
};

/** Reads a `real` as a number. */
export const float32Reader: ValueReader<number> = (_, view, at, length) => {
  assertLength(length, 4);
  return view.getFloat32(at);
};

/** Reads a `double precision` as a number. */
export const float64Reader: ValueReader<number> = (_, view, at, length) => {
  assertLength(length, 8);
  return view.getFloat64(at);
};

/** Reads a `boolean`. */
export const booleanReader: ValueReader = (bytes, _view, at, length) => {
  assertLength(length, 1);
  return bytes[at] === 1;
};

/** Reads text in UTF-8. */
export const utf8Reader: TextReader = (bytes, _view, at, length) => {
  return bytes.toString("utf8", at, at + length);
};

/** Reads a `jsonb` as text: it begins with its version, 1. */
export const jsonbTextReader: TextReader = (bytes, _view, at, length) => {
  if (bytes[at] !== 1) {
    throw new UnreadableValue(`has version ${bytes[at]} of jsonb`);
  }
  return bytes.toString("utf8", at + 1, at + length);
};

/** Reads a `jsonb`. */
export const jsonbReader: ValueReader = (...value) =>
  parseJson(jsonbTextReader(...value));

/** Reads a `json`. */
export const jsonReader: ValueReader = (...value) =>
  parseJson(utf8Reader(...value));

/** Reads a `bytea`, as a copy: the received bytes belong to many rows. */
export const bytesReader: ValueReader = (bytes, _view, at, length) => {
  // The slice of a Buffer would be a Buffer.
  return new Uint8Array(bytes.subarray(at, at + length));
};

/** Reads a `bytea` as text: `\x1f8b`. */
export const bytesTextReader: TextReader = (bytes, _view, at, length) => {
  return `\\x${bytes.toString("hex", at, at + length)}`;
};

/** Reads a `uuid` as text. */
export const uuidReader: TextReader = (bytes, _view, at, length) => {
  assertLength(length, 16);
  const hex = bytes.toString("hex", at, at + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${
    hex.slice(16, 20)
  }-${hex.slice(20)}`;
};

/** Reads an integer or an `oid` as text. */
export const int16TextReader: TextReader = (...value) =>
  String(int16Reader(...value));
export const int32TextReader: TextReader = (...value) =>
  String(int32Reader(...value));
export const uint32TextReader: TextReader = (...value) =>
  String(uint32Reader(...value));
export const int64TextReader: TextReader = (...value) =>
  String(int64Reader(...value));

/** Reads a `boolean` as text. */
export const booleanTextReader: TextReader = (...value) =>
  booleanReader(...value) === true ? "t" : "f";

/** Reads a float as text. */
export const float32TextReader: TextReader = (...value) =>
  floatText(float32Reader(...value), 6);
export const float64TextReader: TextReader = (...value) =>
  floatText(float64Reader(...value), 15);

/** Reads a narrow integer as a bigint. */
export const wideInt16Reader: ValueReader = (...value) =>
  BigInt(int16Reader(...value));
export const wideInt32Reader: ValueReader = (...value) =>
  BigInt(int32Reader(...value));
