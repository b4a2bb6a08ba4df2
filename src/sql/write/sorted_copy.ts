import { takeBytes } from "../codec/batch_buffers.ts";
import { COPY_HEADER, COPY_TRAILER } from "../codec/copy_format.ts";

/** The number of rows from which the server gains more by the order than the client loses. */
const LEAST_ROWS = 1_000;
/** The bits of a double that hold a whole number exactly. */
const EXACT_BITS = 53;
/** The bytes of a value that decide the order, after those that all values have in common. */
const COMPARED_BYTES = 6;
/** How many more neighbors may differ in a column after the sort. */
const MOST_SEPARATED = 1.05;

/** The columns of the rows, by their positions. */
export interface SortedColumns {
  /** The column to sort by. */
  readonly key: number;
  /** Columns whose equal values stay next to each other. */
  readonly grouped: readonly number[];
}

/** Where the encoded rows are. */
interface Tuples {
  /** The positions of the rows, and of the end. */
  readonly starts: Uint32Array;
  /** For each column that is looked at, the positions of its values, behind their lengths. */
  readonly values: readonly Uint32Array[];
}

/**
 * Returns the data of a binary COPY with its rows in an order that saves the
 * server work: neighbors in the index of the key come one after the other. The
 * order is that of the first bytes of the values, which need not be that of the
 * database. Returns the same data if its rows have that order, or if the sort
 * would separate equal values of a grouped column: rows that refer to the same
 * row of another table are cheaper to check and to read together.
 */
export function sortedCopy(
  bytes: Uint8Array,
  rows: number,
  { key, grouped }: SortedColumns,
): Uint8Array {
  if (rows < LEAST_ROWS) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { starts, values: [keys = new Uint32Array(), ...others] } = findTuples(
    view,
    rows,
    [key, ...grouped],
  );
  const order = orderOf(bytes, view, keys);
  if (order === undefined) return bytes;
  const separates = others.some((column) =>
    changesOf(bytes, view, column, (at) => order[at] ?? 0) >
      changesOf(bytes, view, column, (at) => at) * MOST_SEPARATED
  );
  return separates ? bytes : arranged(bytes, starts, order);
}

function findTuples(
  view: DataView,
  rows: number,
  columns: readonly number[],
): Tuples {
  const starts = new Uint32Array(rows + 1);
  const values = columns.map(() => new Uint32Array(rows));
  const wanted: Uint32Array[][] = [];
  for (const [index, column] of columns.entries()) {
    (wanted[column] ??= []).push(values[index] ?? new Uint32Array());
  }
  let at = COPY_HEADER.length;
  for (let row = 0; row < rows; row++) {
    starts[row] = at;
    const count = view.getInt16(at);
    at += 2;
    for (let column = 0; column < count; column++) {
      const length = view.getInt32(at);
      at += 4;
      const lists = wanted[column];
      if (lists !== undefined) { for (const list of lists) list[row] = at; }
      if (length > 0) at += length;
    }
  }
  starts[rows] = at;
  return { starts, values };
}

/** Returns the rows in the order of their values; undefined if they have it already. */
function orderOf(
  bytes: Uint8Array,
  view: DataView,
  at: Uint32Array,
): Uint32Array | undefined {
  const rows = at.length;
  const skipped = commonLength(bytes, view, at);
  const indexBits = Math.ceil(Math.log2(rows));
  const divisor = 2 ** Math.max(0, COMPARED_BYTES * 8 + indexBits - EXACT_BITS);
  // Each number is the beginning of a value, and behind it the index of its row, so that the sort is stable.
  const factor = 2 ** indexBits;
  const packed = new Float64Array(rows);
  let isSorted = true;
  let last = -1;
  for (let row = 0; row < rows; row++) {
    const start = at[row] ?? 0;
    const length = view.getInt32(start - 4);
    let beginning = 0;
    for (let index = skipped; index < skipped + COMPARED_BYTES; index++) {
      beginning = beginning * 256 +
        (index < length ? bytes[start + index] ?? 0 : 0);
    }
    const rounded = Math.floor(beginning / divisor);
    isSorted &&= rounded >= last;
    last = rounded;
    packed[row] = rounded * factor + row;
  }
  if (isSorted) return undefined;
  packed.sort();
  return Uint32Array.from(packed, (number) => number % factor);
}

/** Returns the number of bytes that all values begin with. */
function commonLength(
  bytes: Uint8Array,
  view: DataView,
  at: Uint32Array,
): number {
  const [first = 0] = at;
  let common = view.getInt32(first - 4);
  for (const start of at) {
    common = Math.min(common, view.getInt32(start - 4));
    for (let index = 0; index < common; index++) {
      if (bytes[start + index] !== bytes[first + index]) common = index;
    }
  }
  return Math.max(0, common);
}

/** Returns how often the value of a column differs from that of the row before, in an order of the rows. */
function changesOf(
  bytes: Uint8Array,
  view: DataView,
  at: Uint32Array,
  rowAt: (position: number) => number,
): number {
  let changes = 0;
  let before = at[rowAt(0)] ?? 0;
  for (let position = 1; position < at.length; position++) {
    const start = at[rowAt(position)] ?? 0;
    if (!areEqual(bytes, view, before, start)) changes++;
    before = start;
  }
  return changes;
}

function areEqual(
  bytes: Uint8Array,
  view: DataView,
  left: number,
  right: number,
): boolean {
  const length = view.getInt32(left - 4);
  if (length !== view.getInt32(right - 4)) return false;
  for (let index = 0; index < length; index++) {
    if (bytes[left + index] !== bytes[right + index]) return false;
  }
  return true;
}

function arranged(
  bytes: Uint8Array,
  starts: Uint32Array,
  order: Uint32Array,
): Uint8Array {
  const sorted = takeBytes(bytes.length).subarray(0, bytes.length);
  sorted.set(bytes.subarray(0, COPY_HEADER.length));
  let to = COPY_HEADER.length;
  for (const row of order) {
    const tuple = bytes.subarray(starts[row], starts[row + 1]);
    sorted.set(tuple, to);
    to += tuple.length;
  }
  sorted.set(COPY_TRAILER, to);
  return sorted;
}
