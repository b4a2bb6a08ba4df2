/** Writes rows in a format. Each call returns the next bytes of the file, which may be none. */
export interface RowEncoder {
  /** Returns what stands before the rows. */
  begin(): Uint8Array;
  /** Takes the next rows. */
  encode(rows: readonly object[]): Uint8Array;
  /** Returns the rest of the file, after the last row. */
  end(): Uint8Array;
}
