import type { Collations } from "../codec/collations.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import type { Rows } from "../../query/statement/statement.ts";
import { encodeBatches, type Layer, type Layering } from "./layers.ts";

/** The table of a bulk write. */
export interface BulkTarget {
  readonly facts: TableFacts;
  readonly schema: string | undefined;
  /** How the columns of the database compare text. */
  readonly collations: Collations;
  /** Whether the transaction belongs to the caller. */
  readonly isInside: boolean;
}

/** Writes encoded rows in one transaction. */
export interface BulkWriter<T> {
  /** Writes the layers of a batch, in their order. */
  write(layers: readonly Layer[]): Promise<void>;
  /** Writes the rest after the last batch. */
  finish(): Promise<T>;
}

/**
 * Writes rows in batches, and encodes a batch while the previous one is written.
 * Stops reading the source when a write fails.
 *
 * @param open creates the writer when the first batch is ready, so that a slow
 * source does not keep a transaction open
 * @param isCollected whether to read the whole source before that
 */
export async function writeBatches<T>(
  rows: Rows<object>,
  layering: Layering,
  open: () => Promise<BulkWriter<T>>,
  isCollected: boolean,
): Promise<T> {
  const source = isCollected
    ? await Array.fromAsync(encodeBatches(rows, layering))
    : encodeBatches(rows, layering);
  let writer: BulkWriter<T> | undefined;
  let writing = Promise.resolve();
  try {
    for await (const layers of source) {
      await writing;
      writer ??= await open();
      writing = writer.write(layers);
      // Handled below; this prevents an unhandled rejection until then.
      writing.catch(() => {});
    }
  } finally {
    // No write may still run when the transaction ends, even if the source failed.
    await Promise.allSettled([writing]);
  }
  await writing;
  writer ??= await open();
  return await writer.finish();
}
