import type { Cells } from "../input/csv.ts";
import type { PlainLines } from "../input/plain_lines.ts";

/** Cells of records, each with as many as the header. */
export interface CellSource {
  /** The same records, if their cells are parts of bytes. */
  readonly plain: PlainLines | undefined;
  /** Returns the text of a cell. */
  text(record: number, column: number): string;
  /** Whether a cell is written as `""`. */
  isEmptyText(record: number, column: number): boolean;
}

/** Returns the cells of parsed records. */
export function cellsOf(records: readonly Cells[]): CellSource {
  return {
    plain: undefined,
    text: (record, column) => records[record]?.content[column] ?? "",
    isEmptyText: (record, column) =>
      records[record]?.emptyTexts?.includes(column) === true,
  };
}

/** Returns the cells of plain lines. */
export function plainCells(plain: PlainLines): CellSource {
  return { plain, text: plain.text, isEmptyText: () => false };
}
