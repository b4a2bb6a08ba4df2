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
