import {
  type ColumnRows,
  createColumnRows,
} from "../../query/statement/column_rows.ts";
import type { CellSource } from "./cell_source.ts";
import { type CellColumn, createStore } from "./cell_store.ts";

/** Columns that grow by the cells of records. */
export interface CellColumns {
  /** The number of rows. */
  readonly length: number;
  /** Adds the cells of records. Returns false, and adds none, if a value is invalid. */
  add(cells: CellSource, from: number, end: number): boolean;
  /** Adds a row that the columns do not contain. */
  addApart(row: object): void;
  /** Returns the rows, and ends the use of the columns. */
  rows(): ColumnRows;
}

/**
 * Creates empty columns.
 *
 * @param expected the number of rows for which memory is reserved at once
 */
export function createCellColumns(
  columns: readonly CellColumn[],
  expected: number,
): CellColumns {
  const stores = columns.map(createStore);
  const apart = new Map<number, object>();
  let length = 0;
  let reserved = 0;
  const reserve = (rows: number): void => {
    if (rows <= reserved) return;
    reserved = Math.max(rows, 2 * reserved, expected);
    for (const store of stores) store.reserve(reserved);
  };
  return {
    get length() {
      return length;
    },
    add(cells, from, end) {
      const cut = { cells, from, end };
      reserve(length + end - from);
      const isValid = stores.every((store) => store.read(cut, length));
      if (isValid) length += end - from;
      else for (const store of stores) store.forget(length);
      return isValid;
    },
    addApart(row) {
      reserve(length + 1);
      apart.set(length++, row);
    },
    rows: () =>
      createColumnRows({
        length,
        columns: stores.map((store) => store.values()),
        apart,
      }),
  };
}
