import type { Buffer } from "node:buffer";
import { isBinaryType } from "../../codec/wire/types.ts";
import type { Column } from "../../link/link.ts";

/** The part of a column after its name: table, column number, type, size, modifier and format. */
const AFTER_NAME = 18;

/** Reads the columns of a `RowDescription`, with the formats in which they arrive. */
export function readColumns(
  bytes: Buffer,
  view: DataView,
  at: number,
): readonly Column[] {
  const columns: Column[] = [];
  let next = at + 2;
  for (let count = view.getInt16(at); count > 0; count--) {
    const end = bytes.indexOf(0, next);
    columns.push({
      name: bytes.toString("utf8", next, end),
      type: view.getUint32(end + 7),
      isBinary: view.getInt16(end + 17) === 1,
    });
    next = end + 1 + AFTER_NAME;
  }
  return columns;
}

/** Returns columns in the formats in which they are requested. */
export function requested(columns: readonly Column[]): readonly Column[] {
  return columns.map((column) => ({
    ...column,
    isBinary: isBinaryType(column.type),
  }));
}

/** Whether two results have the same columns. */
export function isSameColumns(
  left: readonly Column[],
  right: readonly Column[],
): boolean {
  return left === right || left.length === right.length &&
      left.every(({ name, type, isBinary }, index) => {
        const other = right[index];
        return other?.type === type && other.isBinary === isBinary &&
          other.name === name;
      });
}
