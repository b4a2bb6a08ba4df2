import { pause } from "./pause.ts";

/** The milliseconds for which items are read before the work gets a turn. */
const TURN = 2;
/** The milliseconds of the work's turn, in which it can send several short statements. */
const PAUSE = 1;

/**
 * Yields items while some work goes on, mostly while the work waits for a server.
 * If the work fails, its error is thrown at once, also while the next item is
 * awaited.
 *
 * @param workOf the current work; undefined if there is none
 */
export async function* whileWorking<T>(
  items: Iterable<T> | AsyncIterable<T>,
  workOf: () => Promise<void> | undefined,
): AsyncGenerator<T> {
  const source = Symbol.asyncIterator in items
    ? items[Symbol.asyncIterator]()
    : items[Symbol.iterator]();
  let [isReading, isDone] = [false, false];
  const read = async (): Promise<IteratorResult<T>> => {
    isReading = true;
    try {
      return await source.next();
    } finally {
      isReading = false;
    }
  };
  let turn = performance.now();
  try {
    while (true) {
      if (workOf() !== undefined && performance.now() - turn > TURN) {
        await Promise.race([pause(PAUSE), workOf()]);
        turn = performance.now();
      }
      const next = read();
      next.catch(() => {});
      const work = workOf();
      if (work !== undefined) await Promise.race([next, work]);
      const result = await next;
      isDone = result.done === true;
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    if (!isDone) {
      const ended = end(source);
      // A source that has nothing to read can keep the reader waiting forever.
      if (!isReading) await ended;
    }
  }
}

async function end(
  source: Iterator<unknown> | AsyncIterator<unknown>,
): Promise<void> {
  try {
    await source.return?.();
  } catch { /* The error that ended the loop is thrown. */ }
}
