import { Binary } from "../link/mongodb.ts";

/**
 * Returns the bytes of a stored or a given value; undefined if it is no binary
 * data, or of another subtype, such as a UUID. Stored bytes are copied: the
 * driver's share the memory of the whole document.
 */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (
    !(value instanceof Binary) || value.sub_type !== Binary.SUBTYPE_DEFAULT
  ) return undefined;
  return new Uint8Array(value.buffer.subarray(0, value.position));
}

/** Compares as MongoDB does: the shorter one first, then byte by byte. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  if (left.length !== right.length) return left.length - right.length;
  const index = left.findIndex((byte, index) => byte !== right[index]);
  return index < 0 ? 0 : (left[index] ?? 0) - (right[index] ?? 0);
}
