import { packetError } from "../read/packet_error.ts";

/** A position in the bytes of a block. */
export interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
  /** How many more values the packet may have. */
  values: number;
}

/** Returns a cursor at the beginning of some bytes. */
export function cursorOf(bytes: Uint8Array): Cursor {
  const { buffer, byteOffset, length } = bytes;
  return {
    // The methods of a Buffer differ.
    bytes: new Uint8Array(buffer, byteOffset, length),
    view: new DataView(buffer, byteOffset, length),
    at: 0,
    values: 0,
  };
}

/** Skips some bytes and returns their position. */
export function skipBytes(from: Cursor, length: number): number {
  const { at } = from;
  if (length < 0 || length > from.bytes.length - at) {
    throw packetError("is truncated");
  }
  from.at += length;
  return at;
}

/** Reads an integer of 64 bits: seven bits a byte, the lowest first, with the sign in the lowest bit. */
export function readLong(from: Cursor): bigint {
  let [low, shift] = [0, 0];
  for (; shift < 28; shift += 7) {
    const byte = from.bytes[skipBytes(from, 1)] ?? 0;
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt((low >>> 1) ^ -(low & 1));
  }
  let value = BigInt(low);
  for (; shift < 70; shift += 7) {
    const byte = from.bytes[skipBytes(from, 1)] ?? 0;
    value |= BigInt(byte & 0x7f) << BigInt(shift);
    if (byte < 0x80) {
      return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
  }
  throw packetError("has an integer of more than 64 bits");
}

/** Reads an integer as a number, which is exact up to 2^53. */
export function readInteger(from: Cursor): number {
  const { bytes, at } = from;
  let [low, shift, end] = [0, 0, at];
  for (; shift < 28 && end < bytes.length; shift += 7) {
    const byte = bytes[end++] ?? 0;
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      from.at = end;
      return (low >>> 1) ^ -(low & 1);
    }
  }
  return Number(readLong(from));
}

/** Reads a length and skips as many bytes. Returns their position. */
export function skipSized(from: Cursor): number {
  return skipBytes(from, readInteger(from));
}
