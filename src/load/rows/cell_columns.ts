import type { Field } from "../../model/field.ts";
import {
  type ColumnRows,
  type ColumnValues,
  createColumnRows,
} from "../../query/statement/column_rows.ts";
import type { Cells } from "../input/csv.ts";
import { textConverter } from "../values/converter.ts";
import { toFloat, toInt32, toInt64 } from "../values/from_text.ts";

/** A column of a file that becomes a field. */
export interface CellColumn {
  /** The position of the column, from 0. */
  readonly index: number;
  readonly field: Field;
}

/** Columns that grow by the cells of records. */
export interface CellColumns {
  /** The number of rows. */
  readonly length: number;
  /** Adds records, each with as many cells as the header. Returns false, and adds none, if a value is invalid. */
  add(records: readonly Cells[], from: number, end: number): boolean;
  /** Adds a row that the columns do not contain. */
  addApart(row: object): void;
  /** Returns the rows, and ends the use of the columns. */
  rows(): ColumnRows;
}

/** The cells that a column reads. */
interface Cut {
  readonly records: readonly Cells[];
  readonly from: number;
  readonly end: number;
}

/** The values of one column. */
interface Store {
  /** Reserves memory for a number of rows. */
  reserve(rows: number): void;
  /** Reads the values of rows from `at` on. Returns whether all are valid. */
  read(cut: Cut, at: number): boolean;
  /** Forgets the values from `at` on. */
  forget(at: number): void;
  values(): ColumnValues;
}

const ignore = (): undefined => undefined;

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
    add(records, from, end) {
      const cut = { records, from, end };
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

function createStore(column: CellColumn): Store {
  switch (column.field.type.kind) {
    case "float32":
    case "float64":
      return numbers(column, readFloats);
    case "int32":
      return numbers(column, readInt32s);
    case "int64":
      return integers(column);
    default:
      return anyValues(column);
  }
}

/** The rows of a column that have no value. */
interface Empties {
  reserve(rows: number): void;
  set(at: number): void;
  /** Forgets those from `at` on. */
  forget(at: number): void;
  read(): Uint8Array | undefined;
}

function createEmpties(): Empties {
  let reserved = 0;
  let isEmpty: Uint8Array | undefined;
  return {
    reserve(rows) {
      reserved = rows;
      if (isEmpty !== undefined) isEmpty = grown(isEmpty, new Uint8Array(rows));
    },
    set: (at) => void ((isEmpty ??= new Uint8Array(reserved))[at] = 1),
    forget: (at) => void isEmpty?.fill(0, at),
    read: () => isEmpty,
  };
}

/** Reads the cells of a column into an array. Returns whether all are valid. */
type ReadNumbers = (
  cut: Cut,
  index: number,
  values: Float64Array,
  at: number,
  empties: Empties,
) => boolean;

function numbers({ index, field }: CellColumn, read: ReadNumbers): Store {
  const empties = createEmpties();
  let values = new Float64Array();
  return {
    reserve(rows) {
      values = grown(values, new Float64Array(rows));
      empties.reserve(rows);
    },
    read: (cut, at) => read(cut, index, values, at, empties),
    forget: empties.forget,
    values: () => columnValues(field, values, empties),
  };
}

function readFloats(
  { records, from, end }: Cut,
  index: number,
  values: Float64Array,
  at: number,
  empties: Empties,
): boolean {
  for (let row = from; row < end; row++, at++) {
    const text = records[row]?.content[index] ?? "";
    if (text === "") empties.set(at);
    else {
      const value = toFloat(text, ignore);
      if (value === undefined) return false;
      values[at] = value;
    }
  }
  return true;
}

function readInt32s(
  { records, from, end }: Cut,
  index: number,
  values: Float64Array,
  at: number,
  empties: Empties,
): boolean {
  for (let row = from; row < end; row++, at++) {
    const text = records[row]?.content[index] ?? "";
    if (text === "") empties.set(at);
    else {
      const value = toInt32(text, ignore);
      if (value === undefined) return false;
      values[at] = value;
    }
  }
  return true;
}

function integers({ index, field }: CellColumn): Store {
  const empties = createEmpties();
  let values = new BigInt64Array();
  return {
    reserve(rows) {
      values = grown(values, new BigInt64Array(rows));
      empties.reserve(rows);
    },
    read({ records, from, end }, at) {
      for (let row = from; row < end; row++, at++) {
        const text = records[row]?.content[index] ?? "";
        if (text === "") empties.set(at);
        else {
          const value = toInt64(text, ignore);
          // The array would take an integer of more bits as another one.
          if (value === undefined || BigInt.asIntN(64, value) !== value) {
            return false;
          }
          values[at] = value;
        }
      }
      return true;
    },
    forget: empties.forget,
    values: () => columnValues(field, values, empties),
  };
}

function anyValues({ index, field }: CellColumn): Store {
  const empties = createEmpties();
  const values: unknown[] = [];
  const convert = textConverter(field);
  const isText = field.type.kind === "string";
  let isValid = true;
  const refuse = (): undefined => void (isValid = false);
  return {
    reserve: empties.reserve,
    read({ records, from, end }, at) {
      isValid = true;
      for (let row = from; row < end; row++, at++) {
        const record = records[row];
        const text = record?.content[index] ?? "";
        if (text !== "") values[at] = convert(text, refuse);
        else if (isText && record?.emptyTexts?.includes(index)) {
          values[at] = text;
        } else empties.set(at);
      }
      return isValid;
    },
    forget: empties.forget,
    values: () => columnValues(field, values, empties),
  };
}

function columnValues(
  field: Field,
  values: ColumnValues["values"],
  empties: Empties,
): ColumnValues {
  const empty = field.nullable ? null : undefined;
  return { field, values, isEmpty: empties.read(), empty };
}

function grown<T extends { set(values: T): void }>(values: T, larger: T): T {
  larger.set(values);
  return larger;
}
