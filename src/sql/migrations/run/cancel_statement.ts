import { ConnectionError } from "../../../base/errors/mod.ts";
import { pause } from "../../../base/pause.ts";
import type { StepContext } from "./step_context.ts";

/** The longest wait for a cancel request, in milliseconds. */
const LONGEST = 5_000;
/** Milliseconds between two cancel requests. */
const AGAIN = 100;

/**
 * Runs a statement on the session that holds the lock, and cancels it when the
 * signal is aborted. Repeats the request: one that arrives before the statement
 * cancels nothing.
 */
export async function cancelledOnAbort<T>(
  { driver, lock, options: { signal } }: StepContext,
  statement: () => Promise<T>,
): Promise<T> {
  if (!driver.concurrent || signal === undefined) return await statement();
  let over = false;
  let requests: Promise<void> | undefined;
  const sendRequests = async (): Promise<void> => {
    while (!over) {
      await driver.query({
        text: "select pg_cancel_backend(cast($1 as int))",
        values: [lock.pid],
      }).catch(() => {});
      await pause(AGAIN);
    }
  };
  const begin = (): void => {
    requests = sendRequests();
  };
  signal.addEventListener("abort", begin, { once: true });
  let isLost = false;
  try {
    return await statement();
  } catch (error) {
    isLost = error instanceof ConnectionError;
    throw error;
  } finally {
    over = true;
    signal.removeEventListener("abort", begin);
    // If every connection is in use, the request is never sent: do not wait for it.
    if (requests !== undefined && !isLost) {
      await Promise.race([requests, pause(LONGEST)]);
    }
  }
}
