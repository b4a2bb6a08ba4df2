import type { ReadRecord } from "../input/records.ts";

/** A problem of one field. */
export interface FieldProblem {
  readonly field: string;
  readonly reason: string;
}

/** A row of a file, converted for the model. */
export interface LoadedRow {
  /** The line of its beginning, from 1. */
  readonly line: number;
  /** The row, with values of the model's types. */
  readonly row: object;
  /** The problems of its values; undefined if there are none. */
  readonly problems: readonly FieldProblem[] | undefined;
}

/** Returns a row for a record that is malformed as a whole. */
export function malformedRow(
  { line, isCut }: ReadRecord<unknown>,
  row: object,
  problem: string,
): LoadedRow {
  const reason = isCut
    ? `${problem}; the file may be cut off, as its last line has no line end`
    : problem;
  return { line, row, problems: [{ field: "the row", reason }] };
}
