/** Values by their position. */
export interface Values {
  [position: number]: unknown;
  readonly length: number;
}

/** The values of a column in consecutive rows. */
export interface ColumnPart {
  /** A typed array for numbers that have no other form. */
  readonly values: Values;
  /** 1 for each row without a value; undefined if null is one of the values instead. */
  readonly nulls: Uint8Array | undefined;
}

/** Returns the value of a row; null if it has none. */
export function valueAt({ values, nulls }: ColumnPart, row: number): unknown {
  return nulls?.[row] === 1 ? null : values[row] ?? null;
}
