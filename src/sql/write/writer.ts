import { pause } from "../../base/pause.ts";
import type { Collations } from "../codec/collations.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import { isColumnRows } from "../../query/statement/column_rows.ts";
import type { Rows } from "../../query/statement/statement.ts";
import { encodeColumns } from "./column_layers.ts";
import type { Layer } from "./layer.ts";
import { encodeBatches, type Layering, SMALL_ROWS } from "./layers.ts";

/** The table of a bulk write. */
export interface BulkTarget {
  readonly facts: TableFacts;
  readonly schema: string | undefined;
  /** How the columns of the database compare text. */
  readonly collations: Collations;
  /** Whether the transaction belongs to the caller. */
  readonly isInside: boolean;
  /** Whether there are so few rows that a statement with their values is faster than a temporary table. */
  readonly isSmall: boolean;
}

/** The milliseconds in which a connection begins to send a batch. */
const SENDING = 1;
/** The same for the first batch, which follows the statements that begin a transaction. */
const FIRST_SENDING = 5;

/** The ways of a bulk write. */
interface BulkWays<T> {
  /** Writes all rows with one statement. Returns undefined if that needs a transaction. */
  alone(layer: Layer): Promise<T | undefined>;
  /** Creates the writer when the first batch is ready, so that a slow source does not keep a transaction open. */
  open(isSmall: boolean): Promise<BulkWriter<T>>;
  /** Makes sure that no batch stays written after the source or a batch failed; undefined in a transaction of the write itself, which rolls back. */
  readonly fail: (() => Promise<void>) | undefined;
}

/** Writes encoded rows in one transaction. */
export interface BulkWriter<T> {
  /** Prepares the layers of a batch while the previous one is written. */
  prepare?(layers: readonly Layer[]): void;
  /** Writes the layers of a batch, in their order. */
  write(layers: readonly Layer[]): Promise<void>;
  /** Writes the rest after the last batch. */
  finish(): Promise<T>;
}

/**
 * Writes rows in batches, and encodes a batch while the previous one is written.
 * Stops reading the source when a write fails.
 *
 * @param isCollected whether to read the whole source before the first write
 */
export async function writeBatches<T>(
  rows: Rows<object>,
  layering: Layering,
  { alone, open, fail }: BulkWays<T>,
  isCollected: boolean,
): Promise<T> {
  const batches = isColumnRows(rows)
    ? encodeColumns(rows, layering) ?? encodeBatches(rows, layering)
    : encodeBatches(rows, layering);
  const source = isCollected ? await Array.fromAsync(batches) : batches;
  let writer: BulkWriter<T> | undefined;
  let writing = Promise.resolve();
  let sending = SENDING;
  try {
    for await (const { layers, isLast } of source) {
      writer?.prepare?.(layers);
      await writing;
      if (writer === undefined) {
        const isSmall = isLast && countRows(layers) <= SMALL_ROWS;
        const [layer, ...others] = layers;
        if (isSmall && layer !== undefined && others.length === 0) {
          const outcome = await alone(layer);
          if (outcome !== undefined) return outcome;
        }
        writer = await open(isSmall);
        sending = FIRST_SENDING;
      } else sending = SENDING;
      writing = writer.write(layers);
      // Handled below; this prevents an unhandled rejection until then.
      writing.catch(() => {});
      // The next rows are encoded without a break: the connection must have these ones before.
      if (!isLast) await pause(sending);
    }
    await writing;
    writer ??= await open(false);
    return await writer.finish();
  } catch (error) {
    // No write may still run when the transaction ends, even if the source failed.
    await Promise.allSettled([writing]);
    if (writer !== undefined) await fail?.();
    throw error;
  }
}

function countRows(layers: readonly Layer[]): number {
  return layers.reduce((sum, { rows }) => sum + rows, 0);
}
