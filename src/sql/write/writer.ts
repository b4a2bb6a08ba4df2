import type { Rows } from "../../query/statement/statement.ts";
import { batches, type Layer, type Layering } from "./layers.ts";

/** What becomes of encoded rows, in one transaction. */
export interface BulkWriter<T> {
  /** Writes a batch's layers, in turn. */
  write(layers: readonly Layer[]): Promise<void>;
  /** Writes what is still to be written, once all batches were given. */
  finish(): Promise<T>;
}

/**
 * Sends rows through a writer, encoding one batch while the one before is
 * written. The source is read no further once a write has failed.
 *
 * @param open is called when the first batch is ready, so that nothing is held
 * while a slow source begins
 * @param collected whether the source is read to its end before that
 */
export async function pour<T>(
  rows: Rows<object>,
  layering: Layering,
  open: () => Promise<BulkWriter<T>>,
  collected: boolean,
): Promise<T> {
  const source = collected
    ? await Array.fromAsync(batches(rows, layering))
    : batches(rows, layering);
  let writer: BulkWriter<T> | undefined;
  let writing = Promise.resolve();
  try {
    for await (const layers of source) {
      await writing;
      writer ??= await open();
      writing = writer.write(layers);
      // Awaited below; until then a failure is nobody's yet.
      writing.catch(() => {});
    }
  } finally {
    // Whatever ended the source, nothing may still be on its way when the transaction ends.
    await Promise.allSettled([writing]);
  }
  await writing;
  writer ??= await open();
  return await writer.finish();
}
