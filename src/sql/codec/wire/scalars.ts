import type { Buffer } from "node:buffer";
import { floatText } from "./float_text.ts";
import { parseJson } from "./exact_json.ts";
import {
  assertLength,
  type ReadArguments,
  UnreadableValue,
} from "./value_reader.ts";

/** Reads an `int2` as a number. */
export function int16Reader(
  _bytes: Buffer,
  view: DataView,
  at: number,
  length: number,
): number {
  assertLength(length, 2);
  return view.getInt16(at);
}

/** Reads an `int4` as a number. */
export function int32Reader(
  _bytes: Buffer,
  view: DataView,
  at: number,
  length: number,
): number {
  assertLength(length, 4);
  return view.getInt32(at);
}

/** Reads an `oid` as a number. */
export function uint32Reader(
  _bytes: Buffer,
  view: DataView,
  at: number,
  length: number,
): number {
  assertLength(length, 4);
  return view.getUint32(at);
}

/** Reads an `int8` as a bigint. */
export function int64Reader(
  _bytes: Buffer,
  view: DataView,
  at: number,
  length: number,
): bigint {
  assertLength(length, 8);
  return view.getBigInt64(at);
}

/** Reads an `int8` as a number. */
export function int64NumberReader(
  _bytes: Buffer,
  view: DataView,
  at: number,
  length: number,
): unknown {
  assertLength(length, 8);
  const stored = view.getBigInt64(at);
  const value = Number(stored);
  if (BigInt(value) === stored) return value;
  throw new UnreadableValue(
    `holds ${stored}, which a double cannot represent`,
    `To read such integers, declare the field as z.int64()`,
  );
}

/** Reads a `real` as a number. */
export function float32Reader(
  _bytes: Buffer,
  view: DataView,
  at: number,
  length: number,
): number {
  assertLength(length, 4);
  return view.getFloat32(at);
}

/** Reads a `double precision` as a number. */
export function float64Reader(
  _bytes: Buffer,
  view: DataView,
  at: number,
  length: number,
): number {
  assertLength(length, 8);
  return view.getFloat64(at);
}

/** Reads a `boolean`. */
export function booleanReader(
  bytes: Buffer,
  _view: DataView,
  at: number,
  length: number,
): unknown {
  assertLength(length, 1);
  return bytes[at] === 1;
}

/** Reads text in UTF-8. */
export function utf8Reader(
  bytes: Buffer,
  _view: DataView,
  at: number,
  length: number,
): string {
  return bytes.toString("utf8", at, at + length);
}

/** Reads a `jsonb` as text: it begins with its version, 1. */
export function jsonbTextReader(
  bytes: Buffer,
  _view: DataView,
  at: number,
  length: number,
): string {
  if (bytes[at] !== 1) {
    throw new UnreadableValue(`has version ${bytes[at]} of jsonb`);
  }
  return bytes.toString("utf8", at + 1, at + length);
}

/** Reads a `jsonb`. */
export function jsonbReader(...value: ReadArguments): unknown {
  return parseJson(jsonbTextReader(...value));
}

/** Reads a `json`. */
export function jsonReader(...value: ReadArguments): unknown {
  return parseJson(utf8Reader(...value));
}

/** Reads a `bytea`, as a copy: the received bytes belong to many rows. */
export function bytesReader(
  bytes: Buffer,
  _view: DataView,
  at: number,
  length: number,
): unknown {
  // The slice of a Buffer would be a Buffer.
  return new Uint8Array(bytes.subarray(at, at + length));
}

/** Reads a `bytea` as text: `\x1f8b`. */
export function bytesTextReader(
  bytes: Buffer,
  _view: DataView,
  at: number,
  length: number,
): string {
  return `\\x${bytes.toString("hex", at, at + length)}`;
}

/** Reads a `uuid` as text. */
export function uuidReader(
  bytes: Buffer,
  _view: DataView,
  at: number,
  length: number,
): string {
  assertLength(length, 16);
  const hex = bytes.toString("hex", at, at + 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${
    hex.slice(16, 20)
  }-${hex.slice(20)}`;
}

/** Reads an integer or an `oid` as text. */
export function int16TextReader(...value: ReadArguments): string {
  return String(int16Reader(...value));
}
export function int32TextReader(...value: ReadArguments): string {
  return String(int32Reader(...value));
}
export function uint32TextReader(...value: ReadArguments): string {
  return String(uint32Reader(...value));
}
export function int64TextReader(...value: ReadArguments): string {
  return String(int64Reader(...value));
}

/** Reads a `boolean` as text. */
export function booleanTextReader(...value: ReadArguments): string {
  return booleanReader(...value) === true ? "t" : "f";
}

/** Reads a float as text. */
export function float32TextReader(...value: ReadArguments): string {
  return floatText(float32Reader(...value), 6);
}
export function float64TextReader(...value: ReadArguments): string {
  return floatText(float64Reader(...value), 15);
}

/** Reads a narrow integer as a bigint. */
export function wideInt16Reader(...value: ReadArguments): unknown {
  return BigInt(int16Reader(...value));
}
export function wideInt32Reader(...value: ReadArguments): unknown {
  return BigInt(int32Reader(...value));
}
