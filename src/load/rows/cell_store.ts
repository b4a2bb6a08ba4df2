import type { Field } from "../../model/field.ts";
import type { ColumnValues } from "../../query/statement/column_rows.ts";
import { cellEnd, cellStart } from "../input/plain_lines.ts";
import { textConverter } from "../values/converter.ts";
import {
  floatOfBytes,
  int32OfBytes,
  int64OfBytes,
} from "../values/from_bytes.ts";
import { toFloat, toInt32, toInt64 } from "../values/from_text.ts";
import type { CellSource } from "./cell_source.ts";

/** A column of a file that becomes a field. */
export interface CellColumn {
  /** The position of the column, from 0. */
  readonly index: number;
  readonly field: Field;
}

/** The records that a column reads. */
interface Cut {
  readonly cells: CellSource;
  readonly from: number;
  readonly end: number;
}

/** The values of one column. */
export interface Store {
  /** Reserves memory for a number of rows. */
  reserve(rows: number): void;
  /** Reads the values of rows from `at` on. Returns whether all are valid. */
  read(cut: Cut, at: number): boolean;
  /** Forgets the values from `at` on. */
  forget(at: number): void;
  values(): ColumnValues;
}

const ignore = (): undefined => undefined;

/** Creates the empty store of a column. */
export function createStore(column: CellColumn): Store {
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

// Each type has a loop of its own: a shared one would call a function that the compiler cannot inline.

function readFloats(
  { cells, from, end }: Cut,
  index: number,
  values: Float64Array,
  at: number,
  empties: Empties,
): boolean {
  const { plain } = cells;
  for (let row = from; row < end; row++, at++) {
    if (plain !== undefined) {
      const [start, stop] = [
        cellStart(plain, row, index),
        cellEnd(plain, row, index),
      ];
      const value = floatOfBytes(plain.bytes, start, stop);
      if (!Number.isNaN(value)) {
        values[at] = value;
        continue;
      }
    }
    const text = cells.text(row, index);
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
  { cells, from, end }: Cut,
  index: number,
  values: Float64Array,
  at: number,
  empties: Empties,
): boolean {
  const { plain } = cells;
  for (let row = from; row < end; row++, at++) {
    if (plain !== undefined) {
      const [start, stop] = [
        cellStart(plain, row, index),
        cellEnd(plain, row, index),
      ];
      const value = int32OfBytes(plain.bytes, start, stop);
      if (!Number.isNaN(value)) {
        values[at] = value;
        continue;
      }
    }
    const text = cells.text(row, index);
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
  let view = new DataView(values.buffer);
  return {
    reserve(rows) {
      values = grown(values, new BigInt64Array(rows));
      view = new DataView(values.buffer);
      empties.reserve(rows);
    },
    read({ cells, from, end }, at) {
      const { plain } = cells;
      for (let row = from; row < end; row++, at++) {
        if (plain !== undefined) {
          const [start, stop] = [
            cellStart(plain, row, index),
            cellEnd(plain, row, index),
          ];
          if (int64OfBytes(plain.bytes, start, stop, view, at)) continue;
        }
        const text = cells.text(row, index);
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
    read({ cells, from, end }, at) {
      isValid = true;
      for (let row = from; row < end; row++, at++) {
        const text = cells.text(row, index);
        if (text !== "") values[at] = convert(text, refuse);
        else if (isText && cells.isEmptyText(row, index)) values[at] = text;
        else empties.set(at);
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
