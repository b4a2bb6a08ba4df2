import type { Cells } from "../input/csv.ts";
import type { PlainLines } from "../input/plain_lines.ts";

/** Cells of records. */
export interface CellSource {
  /** The same records, if their cells are parts of bytes. */
  readonly plain: PlainLines | undefined;
  /** Whether the records from one index to the one before `end` have as many cells as the header. */
  areComplete(from: number, end: number): boolean;
  /** Returns the text of a cell. */
  text(record: number, column: number): string;
  /** Whether a cell is written as `""`. */
  isEmptyText(record: number, column: number): boolean;
}

/**
 * Returns the cells of parsed records.
 *
 * @param width the number of cells of the header
 */
export function cellsOf(records: readonly Cells[], width: number): CellSource {
  return {
    plain: undefined,
    areComplete(from, end) {
      for (let at = from; at < end; at++) {
        const record = records[at];
        if (record?.content.length !== width || record.problem !== undefined) {
          return false;
        }
      }
      return true;
    },
    text: (record, column) => records[record]?.content[column] ?? "",
    isEmptyText: (record, column) =>
      records[record]?.emptyTexts?.includes(column) === true,
  };
}

/** Returns the cells of plain lines. */
export function plainCells(plain: PlainLines): CellSource {
  return {
    plain,
    areComplete: () => true,
    text: plain.text,
    isEmptyText: () => false,
  };
}
