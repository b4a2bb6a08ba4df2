import { Buffer } from "node:buffer";
import type { Field } from "../../model/field.ts";
import { isFloat } from "../../model/value_problem.ts";
import { COPY_HEADER } from "../codec/copy_format.ts";
import type { Layer } from "./layer.ts";

/** The maximum number of keys that are kept: 4 MB of hashes. */
const MOST_KEYS = 1 << 18;
const FIRST_SLOTS = 1 << 11;

/** Finds out whether encoded rows have different keys. */
export interface KeyHashes {
  /** Adds the rows of a layer. */
  add(layer: Layer): void;
  /** Whether the rows so far are known to have different keys. */
  areDistinct(): boolean;
}

/**
 * Keeps a hash of 64 bits for each key. Rows with the same hash, and more rows
 * than it keeps, are not known to have different keys.
 *
 * @param key its values are equal in the database only if they are the same; undefined if no rows are to be known
 * @param columns all columns of a row
 */
export function keyHashes(
  key: readonly Field[] | undefined,
  columns: readonly Field[],
): KeyHashes {
  const isInKey = columns.map((field) => key?.includes(field) === true);
  // Zero and minus zero are equal, but have different bytes.
  let areDistinct =
    key?.every((field) => columns.includes(field) && !isFloat(field.type)) ===
      true;
  let slots = new Uint32Array(2 * FIRST_SLOTS);
  let count = 0;

  /** Adds a hash to the slots. Returns whether it is new. */
  function insert(one: number, other: number): boolean {
    const mask = slots.length / 2 - 1;
    let at = one & mask;
    for (; slots[2 * at] !== 0; at = (at + 1) & mask) {
      if (slots[2 * at] === one && slots[2 * at + 1] === other) return false;
    }
    slots[2 * at] = one;
    slots[2 * at + 1] = other;
    return true;
  }

  function grow(): void {
    const before = slots;
    slots = new Uint32Array(2 * before.length);
    for (let at = 0; at < before.length; at += 2) {
      const one = before[at] ?? 0;
      if (one !== 0) insert(one, before[at + 1] ?? 0);
    }
  }

  function addRows({ bytes, rows }: Layer): boolean {
    if (count + rows > MOST_KEYS) return false;
    const { buffer, byteOffset, byteLength } = bytes;
    const copied = Buffer.from(buffer, byteOffset, byteLength);
    let at = COPY_HEADER.length;
    for (let row = 0; row < rows; row++) {
      // The number of columns.
      at += 2;
      let one = 0x811c9dc5;
      let other = 0;
      for (let index = 0; index < isInKey.length; index++) {
        const end = at + 4 + Math.max(copied.readInt32BE(at), 0);
        if (isInKey[index] === true) {
          // With its length, so that the next value cannot begin earlier.
          for (let byte = at; byte < end; byte++) {
            const value = copied[byte] ?? 0;
            one = Math.imul(one ^ value, 0x01000193);
            other = Math.imul(other ^ value, 0x5bd1e995) ^ (other >>> 15);
          }
        }
        at = end;
      }
      if (4 * ++count > slots.length) grow();
      if (!insert(mixed(one) || 1, mixed(other))) return false;
    }
    return true;
  }

  return {
    add(layer) {
      areDistinct &&= addRows(layer);
      if (!areDistinct) slots = new Uint32Array(0);
    },
    areDistinct: () => areDistinct,
  };
}

/** Spreads the bits of a hash: the last step of MurmurHash3. */
function mixed(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
