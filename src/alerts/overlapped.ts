import { TransactionError } from "../base/errors/mod.ts";
import { pause } from "../base/pause.ts";

/** A write of a transaction. */
export type Write<T> = () => Promise<T>;

/** The number of rows from which their preparation takes longer than the pause after it. */
const MANY_ROWS = 1_000;
/** The milliseconds in which a connection begins to send a write. */
const SENDING = 1;

/**
 * Carries out writes of one transaction, and returns their results. While the
 * server works on one, the rows of the next ones are prepared. When it returns or
 * throws, no write runs any more.
 *
 * @param rows the number of rows that all of them write
 */
export async function overlapped<T>(
  rows: number,
  writes: readonly Write<T>[],
): Promise<T[]> {
  const started: Promise<T>[] = [];
  const errors: unknown[] = [];
  for (const write of writes) {
    if (errors.length > 0) break;
    const result = write();
    result.catch((error) => errors.push(error));
    started.push(result);
    // Without a break, all rows would be prepared before the first ones are sent.
    if (rows >= MANY_ROWS) await pause(SENDING);
  }
  await Promise.allSettled(started);
  if (errors.length === 0) return await Promise.all(started);
  // The writes after the first one that fails only say that the transaction has failed.
  throw errors.find((error) => !(error instanceof TransactionError)) ??
    errors[0];
}
