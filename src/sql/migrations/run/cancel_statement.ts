import { pause } from "../../../base/pause.ts";
import type { Work } from "./step_context.ts";

/** The most milliseconds that telling a statement to end may take. */
const LONGEST = 5_000;
/** Milliseconds between two times that one is told. */
const AGAIN = 100;

/**
 * Waits for a statement on the session that has the lock, and ends it when the
 * signal says so: again and again, for what comes before the server has the
 * statement ends nothing.
 */
export async function endedBySignal<T>(
  { driver, lock, options: { signal } }: Work,
  statement: () => Promise<T>,
): Promise<T> {
  if (!driver.concurrent || signal === undefined) return await statement();
  let over = false;
  let telling: Promise<void> | undefined;
  const tell = async (): Promise<void> => {
    while (!over) {
      await driver.query({
        text: "select pg_cancel_backend(cast($1 as int))",
        values: [lock.pid],
      }).catch(() => {});
      await pause(AGAIN);
    }
  };
  const begin = (): void => {
    telling = tell();
  };
  signal.addEventListener("abort", begin, { once: true });
  try {
    return await statement();
  } finally {
    over = true;
    signal.removeEventListener("abort", begin);
    // Where every connection is taken it never is sent, and is not waited for.
    if (telling !== undefined) {
      await Promise.race([telling, pause(LONGEST)]);
    }
  }
}
