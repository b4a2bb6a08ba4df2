import { Buffer } from "node:buffer";
import { COPY_HEADER } from "./copy_format.ts";

/** The header of an array of one dimension: the number of dimensions, a flag for nulls, the type of the items, their number and the lower bound. */
const ARRAY_HEADER = 20;
/** The length up to which a loop copies faster than `set`. */
const SHORT = 64;

/** How the items of a column are sent. */
export interface SentItems {
  /** The object identifier of their type. */
  readonly oid: number;
  /** Converts an item to that type; undefined if COPY sends the same. */
  readonly convert: ((item: Buffer) => Uint8Array) | undefined;
}

/**
 * Returns the rows of a binary COPY as one binary array for each column. Both
 * write an item as its length, or -1 for null, and its value: PostgreSQL's
 * manual, "COPY"; `array_send` in arrayfuncs.c.
 *
 * @param columns all columns of a row
 * @param rows the number of rows
 */
export function columnArrays(
  copied: Uint8Array,
  columns: readonly SentItems[],
  rows: number,
): Uint8Array[] {
  const { buffer, byteOffset, byteLength } = copied;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const arrays = columns.map(() => new Array<number>(rows));
  const sizes = columns.map(() => ARRAY_HEADER);
  let at = COPY_HEADER.length;
  for (let row = 0; row < rows; row++) {
    // The number of columns.
    at += 2;
    for (let index = 0; index < columns.length; index++) {
      const positions = arrays[index];
      if (positions === undefined) break;
      positions[row] = at;
      const size = 4 + Math.max(bytes.readInt32BE(at), 0);
      sizes[index] = (sizes[index] ?? 0) + size;
      at += size;
    }
  }
  return columns.map(({ oid, convert }, index) => {
    const positions = arrays[index] ?? [];
    return convert === undefined
      ? copyItems(bytes, oid, positions, sizes[index] ?? 0)
      : convertItems(bytes, oid, positions, convert);
  });
}

/** Returns the only row of a binary COPY as one binary value for each column. */
export function rowValues(
  copied: Uint8Array,
  columns: readonly SentItems[],
): readonly (Uint8Array | null)[] {
  return rowsValues(copied, columns, 1)[0] ?? [];
}

/** Returns the rows of a binary COPY, each as one binary value for each column. */
export function rowsValues(
  copied: Uint8Array,
  columns: readonly SentItems[],
  rows: number,
): readonly (readonly (Uint8Array | null)[])[] {
  const { buffer, byteOffset, byteLength } = copied;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const found: (Uint8Array | null)[][] = [];
  let at = COPY_HEADER.length;
  for (let row = 0; row < rows; row++) {
    // The number of columns.
    at += 2;
    found.push(columns.map(({ convert }) => {
      const length = bytes.readInt32BE(at);
      at += 4;
      if (length < 0) return null;
      const item = bytes.subarray(at, at += length);
      return convert === undefined ? item : convert(item);
    }));
  }
  return found;
}

function copyItems(
  bytes: Buffer,
  oid: number,
  positions: readonly number[],
  size: number,
): Uint8Array {
  const array = Buffer.allocUnsafe(size);
  let to = writeHeader(array, oid, positions.length);
  for (let from of positions) {
    const end = from + 4 + Math.max(bytes.readInt32BE(from), 0);
    if (end - from > SHORT) {
      array.set(bytes.subarray(from, end), to);
      to += end - from;
    } else {
      while (from < end) array[to++] = bytes[from++] ?? 0;
    }
  }
  return array;
}

function convertItems(
  bytes: Buffer,
  oid: number,
  positions: readonly number[],
  convert: (item: Buffer) => Uint8Array,
): Uint8Array {
  const header = Buffer.allocUnsafe(ARRAY_HEADER);
  writeHeader(header, oid, positions.length);
  const items = positions.flatMap((at) => {
    const length = bytes.readInt32BE(at);
    if (length < 0) return [bytes.subarray(at, at + 4)];
    const item = convert(bytes.subarray(at + 4, at + 4 + length));
    const size = Buffer.allocUnsafe(4);
    size.writeInt32BE(item.length);
    return [size, item];
  });
  return Buffer.concat([header, ...items]);
}

/** Returns the position after the header. */
function writeHeader(array: Buffer, oid: number, length: number): number {
  let at = 0;
  for (const part of [1, 1, oid, length, 1]) at = array.writeInt32BE(part, at);
  return at;
}
