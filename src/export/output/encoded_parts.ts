import type { RowEncoder } from "./encoder.ts";

/** Rows that are encoded at once. */
export const PART: number = 1_000;

/**
 * Encodes rows, in parts.
 *
 * @param limit the number of rows after which the parts end
 * @param onRows receives the number of rows of each part after the part
 */
export async function* encodedParts(
  rows: AsyncIterable<object>,
  encoder: RowEncoder,
  limit: number,
  onRows: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  yield encoder.begin();
  let [left, batch]: [number, object[]] = [limit, []];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length === PART || batch.length === left) {
      yield encoder.encode(batch);
      onRows(batch.length);
      [left, batch] = [left - batch.length, []];
    }
    if (left === 0) break;
  }
  yield encoder.encode(batch);
  yield encoder.end();
  onRows(batch.length);
}
