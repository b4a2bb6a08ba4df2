/**
 * Yields items while some work goes on. If the work fails, its error is thrown
 * at once, also while the next item is awaited.
 *
 * @param workOf the current work
 */
export async function* whileWorking<T>(
  items: Iterable<T> | AsyncIterable<T>,
  workOf: () => Promise<void>,
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
  try {
    while (true) {
      const next = read();
      next.catch(() => {});
      await Promise.race([next, workOf()]);
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
