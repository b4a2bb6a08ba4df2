import type { ColumnSource } from "./growing_columns.ts";
import type { LoadedRow } from "./loaded_row.ts";

/** Rows of a file that are read together. */
export interface RowPart {
  /** The number of rows. */
  readonly length: number;
  /** The number of characters that they have in the file, about; 0 if it is unknown. */
  readonly characters: number;
  /** Returns the rows from one index to the one before `end`. */
  rows(from: number, end: number): readonly LoadedRow[];
  /** Returns a function that returns a row as the file has it. It is valid after other parts are read, too. */
  raw(): (index: number) => object;
  /** The rows as columns; undefined if they can only be converted one by one. */
  readonly columns?: PartColumns;
}

/** The rows of a part as columns. */
export interface PartColumns extends ColumnSource {
  /** Returns the line of a row. */
  line(index: number): number;
}

/**
 * Returns the part of some rows.
 *
 * @param records the rows as the file has them
 */
export function partOf(
  rows: readonly LoadedRow[],
  records: readonly object[],
  characters = 0,
): RowPart {
  return {
    length: rows.length,
    characters,
    rows: (from, end) => rows.slice(from, end),
    raw: () => (index) => records[index] ?? {},
  };
}
