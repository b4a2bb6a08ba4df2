import type { LoadedRow } from "./rows/loaded_row.ts";

/** The position of a row in its file. */
export interface Place {
  /** The line of its beginning, from 1. */
  readonly line: number;
  /** Its index among the rows of the file, from 0. */
  readonly index: number;
}

/** Rows that are written together, and the malformed rows among them. */
export interface Batch {
  readonly rows: readonly object[];
  /** The place of each row. */
  readonly places: readonly Place[];
  /** The malformed rows, in their order. */
  readonly malformed: readonly (LoadedRow & Place)[];
}

/** The number of rows that one transaction writes. */
const BATCH_ROWS = 20_000;

/** Divides rows into batches. Reads at most a number of rows. */
export async function* batchesOf(
  parts: AsyncIterable<readonly LoadedRow[]>,
  limit: number,
): AsyncGenerator<Batch> {
  let batch = emptyBatch();
  let index = 0;
  const isEmpty = (): boolean =>
    batch.rows.length + batch.malformed.length === 0;
  for await (const part of parts) {
    for (const loaded of part) {
      const { line, row, problems } = loaded;
      if (problems === undefined) {
        batch.rows.push(row);
        batch.places.push({ line, index });
      } else batch.malformed.push({ ...loaded, index });
      index++;
      if (index % BATCH_ROWS === 0 || index === limit) {
        yield batch;
        batch = emptyBatch();
      }
      if (index === limit) return;
    }
  }
  if (!isEmpty()) yield batch;
}

function emptyBatch(): {
  rows: object[];
  places: Place[];
  malformed: (LoadedRow & Place)[];
} {
  return { rows: [], places: [], malformed: [] };
}
