import type { Field } from "../../model/field.ts";
import {
  type ColumnRows,
  createColumnRows,
} from "../../query/statement/column_rows.ts";

/** The values of one column, which grow. */
export interface GrowingColumn {
  /** The values, of 64-bit integers, of other numbers, or of any other type. */
  readonly values: BigInt64Array | Float64Array | unknown[];
  /** Marks a row that has no value. */
  setEmpty(at: number): void;
}

/** Rows that columns can be read from. */
export interface ColumnSource {
  /** The fields of the columns. */
  readonly fields: readonly Field[];
  /** Whether the rows from one index to the one before `end` have all columns. */
  fits(from: number, end: number): boolean;
  /**
   * Reads the rows from one index to the one before `end`.
   *
   * @param column the position of the column among the fields
   * @param at the position of the first value in the column
   * @returns whether all values are valid
   */
  read(
    column: number,
    to: GrowingColumn,
    at: number,
    from: number,
    end: number,
  ): boolean;
}

/** Columns that grow by rows. */
export interface GrowingColumns {
  /** Adds rows. Returns false, and adds none, if a value is invalid. */
  add(source: ColumnSource, from: number, end: number): boolean;
  /** Adds a row that the columns do not contain. */
  addApart(row: object): void;
  /** Returns the rows, and ends the use of the columns. */
  rows(): ColumnRows;
}

/** A column and its memory. */
interface Store extends GrowingColumn {
  readonly field: Field;
  /** 1 for each row that has no value; undefined if all have one. */
  readonly isEmpty: Uint8Array | undefined;
  /** Reserves memory for a number of rows. */
  reserve(rows: number): void;
  /** Forgets the values from `at` on. */
  forget(at: number): void;
}

/**
 * Creates empty columns.
 *
 * @param expected the number of rows for which memory is reserved at once
 */
export function createGrowingColumns(
  fields: readonly Field[],
  expected: number,
): GrowingColumns {
  const stores = fields.map(createStore);
  const apart = new Map<number, object>();
  let length = 0;
  let reserved = 0;
  const reserve = (rows: number): void => {
    if (rows <= reserved) return;
    reserved = Math.max(rows, 2 * reserved, expected);
    for (const store of stores) store.reserve(reserved);
  };
  return {
    add(source, from, end) {
      if (!source.fits(from, end)) return false;
      reserve(length + end - from);
      const isValid = stores.every((store, column) =>
        source.read(column, store, length, from, end)
      );
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
        columns: stores.map(({ field, values, isEmpty }) => ({
          field,
          values,
          isEmpty,
          empty: field.nullable ? null : undefined,
        })),
        apart,
      }),
  };
}

function createStore(field: Field): Store {
  let values = emptyValues(field);
  let isEmpty: Uint8Array | undefined;
  let reserved = 0;
  return {
    field,
    get values() {
      return values;
    },
    get isEmpty() {
      return isEmpty;
    },
    setEmpty: (at) => void ((isEmpty ??= new Uint8Array(reserved))[at] = 1),
    reserve(rows) {
      reserved = rows;
      if (isEmpty !== undefined) isEmpty = grown(isEmpty, new Uint8Array(rows));
      if (values instanceof Float64Array) {
        values = grown(values, new Float64Array(rows));
      } else if (values instanceof BigInt64Array) {
        values = grown(values, new BigInt64Array(rows));
      }
    },
    forget: (at) => void isEmpty?.fill(0, at),
  };
}

function emptyValues({ type }: Field): GrowingColumn["values"] {
  switch (type.kind) {
    case "float32":
    case "float64":
    case "int16":
    case "int32":
      return new Float64Array();
    case "int64":
      return new BigInt64Array();
    default:
      return [];
  }
}

function grown<T extends { set(values: T): void }>(values: T, larger: T): T {
  larger.set(values);
  return larger;
}
