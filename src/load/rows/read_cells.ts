import type { Field } from "../../model/field.ts";
import { cellEnd, cellStart } from "../input/plain_lines.ts";
import { textConverter } from "../values/converter.ts";
import {
  floatOfBytes,
  int32OfBytes,
  int64OfBytes,
} from "../values/from_bytes.ts";
import { toFloat, toInt32, toInt64 } from "../values/from_text.ts";
import type { CellSource } from "./cell_source.ts";
import type { GrowingColumn } from "./growing_columns.ts";

/** A column of a file that becomes a field. */
export interface CellColumn {
  /** The position of the column, from 0. */
  readonly index: number;
  readonly field: Field;
}

/** Reads the cells of one column in some records. Returns whether all are valid. */
export type ReadCells = (
  cells: CellSource,
  to: GrowingColumn,
  at: number,
  from: number,
  end: number,
) => boolean;

const ignore = (): undefined => undefined;

/** Returns the function that reads the cells of a column. */
export function cellsReader({ index, field }: CellColumn): ReadCells {
  switch (field.type.kind) {
    case "float32":
    case "float64":
      return floatsReader(index);
    case "int16":
    case "int32":
      return int32sReader(index);
    case "int64":
      return int64sReader(index);
    default:
      return othersReader(index, field);
  }
}

// Each type has a loop of its own: a shared one would call functions that the compiler cannot inline.

function floatsReader(index: number): ReadCells {
  return (cells, { values, setEmpty }, at, from, end) => {
    if (!(values instanceof Float64Array)) return false;
    const { plain } = cells;
    for (let row = from; row < end; row++, at++) {
      if (plain !== undefined) {
        const start = cellStart(plain, row, index);
        const stop = cellEnd(plain, row, index);
        const value = floatOfBytes(plain.bytes, start, stop);
        if (!Number.isNaN(value)) {
          values[at] = value;
          continue;
        }
      }
      const text = cells.text(row, index);
      if (text === "") setEmpty(at);
      else {
        const value = toFloat(text, ignore);
        if (value === undefined) return false;
        values[at] = value;
      }
    }
    return true;
  };
}

function int32sReader(index: number): ReadCells {
  return (cells, { values, setEmpty }, at, from, end) => {
    if (!(values instanceof Float64Array)) return false;
    const { plain } = cells;
    for (let row = from; row < end; row++, at++) {
      if (plain !== undefined) {
        const start = cellStart(plain, row, index);
        const stop = cellEnd(plain, row, index);
        const value = int32OfBytes(plain.bytes, start, stop);
        if (!Number.isNaN(value)) {
          values[at] = value;
          continue;
        }
      }
      const text = cells.text(row, index);
      if (text === "") setEmpty(at);
      else {
        const value = toInt32(text, ignore);
        if (value === undefined) return false;
        values[at] = value;
      }
    }
    return true;
  };
}

function int64sReader(index: number): ReadCells {
  return (cells, { values, setEmpty }, at, from, end) => {
    if (!(values instanceof BigInt64Array)) return false;
    const view = new DataView(values.buffer);
    const { plain } = cells;
    for (let row = from; row < end; row++, at++) {
      if (plain !== undefined) {
        const start = cellStart(plain, row, index);
        const stop = cellEnd(plain, row, index);
        if (int64OfBytes(plain.bytes, start, stop, view, at)) continue;
      }
      const text = cells.text(row, index);
      if (text === "") setEmpty(at);
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
  };
}

function othersReader(index: number, field: Field): ReadCells {
  const convert = textConverter(field);
  const isText = field.type.kind === "string";
  let isValid = true;
  const refuse = (): undefined => void (isValid = false);
  return (cells, { values, setEmpty }, at, from, end) => {
    if (!Array.isArray(values)) return false;
    isValid = true;
    for (let row = from; row < end; row++, at++) {
      const text = cells.text(row, index);
      if (text !== "") values[at] = convert(text, refuse);
      else if (isText && cells.isEmptyText(row, index)) values[at] = text;
      else setEmpty(at);
    }
    return isValid;
  };
}
