import { ascendingTest, type RowRange } from "./record/ranges.ts";
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
  /** The rows of the file that the batch has. */
  readonly range: RowRange;
}

/** The number of rows that one transaction writes. */
const BATCH_ROWS = 20_000;

/**
 * Divides rows into batches. Reads at most a number of rows, in addition to those
 * of the loaded ranges, which are left out.
 *
 * @returns the number of rows of the file, or `undefined` if the limit ended it
 */
export async function* batchesOf(
  parts: AsyncIterable<readonly LoadedRow[]>,
  limit: number,
  loaded: readonly RowRange[] = [],
): AsyncGenerator<Batch, number | undefined> {
  const isLoaded = ascendingTest(loaded);
  let batch = emptyBatch();
  let [index, first, rows] = [0, 0, 0];
  const take = (): Batch => {
    const taken = { ...batch, range: { first, end: index } };
    batch = emptyBatch();
    first = index;
    return taken;
  };
  for await (const part of parts) {
    for (const row of part) {
      if (isLoaded(index)) {
        if (first < index) yield take();
        first = ++index;
        continue;
      }
      add(batch, row, index++);
      if (++rows === limit || index % BATCH_ROWS === 0) yield take();
      if (rows === limit) return undefined;
    }
  }
  if (first < index) yield take();
  return index;
}

function add(
  { rows, places, malformed }: ReturnType<typeof emptyBatch>,
  loaded: LoadedRow,
  index: number,
): void {
  const { line, row, problems } = loaded;
  if (problems !== undefined) malformed.push({ ...loaded, index });
  else {
    rows.push(row);
    places.push({ line, index });
  }
}

function emptyBatch(): {
  rows: object[];
  places: Place[];
  malformed: (LoadedRow & Place)[];
} {
  return { rows: [], places: [], malformed: [] };
}
