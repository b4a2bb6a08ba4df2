import type { CellColumns } from "./cell_columns.ts";
import type { LoadedRow } from "./loaded_row.ts";

/** Rows of a file that are read together. */
export interface RowPart {
  /** The number of rows. */
  readonly length: number;
  /** The number of characters that they have in the file, about; 0 if it is unknown. */
  readonly characters: number;
  /** Returns the rows from one index to the one before `end`. */
  rows(from: number, end: number): readonly LoadedRow[];
  /** How the rows are stored by column; undefined if they are not. */
  readonly cells?: CellPart;
}

/** Rows of a part that are cells of texts. */
export interface CellPart {
  /** Creates columns for rows of the file, and reserves memory for the expected ones. */
  createColumns(expected: number): CellColumns;
  /**
   * Adds the rows from one index to the one before `end` to columns, if all are
   * valid. Returns whether they were added.
   */
  addTo(columns: CellColumns, from: number, end: number): boolean;
  /** Returns the line of a row. */
  line(index: number): number;
}

/** Returns the part of some rows. */
export function partOf(
  rows: readonly LoadedRow[],
  characters = 0,
): RowPart {
  return {
    length: rows.length,
    characters,
    rows: (from, end) => rows.slice(from, end),
  };
}
