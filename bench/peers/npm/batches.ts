/** Rows in a statement: PostgreSQL takes 65,535 parameters at most, and a row has 30. */
export const BATCH = 2_000;

/** Rows that a stream reads at a time, as in this package. */
export const STREAM_BATCH = 2_000;

/** Returns slices of at most `size` rows. */
export function* batches<T>(
  rows: readonly T[],
  size: number,
): Generator<T[]> {
  for (let start = 0; start < rows.length; start += size) {
    yield rows.slice(start, start + size);
  }
}
