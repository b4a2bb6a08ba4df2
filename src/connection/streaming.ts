import type { RunCall } from "../base/call_scope.ts";

/**
 * Reads a stream as long as the check passes, which runs before every batch.
 *
 * @param assertAllowed throws if the stream may not be read
 * @param begin creates the stream when the first batch is requested
 * @param call reads each batch
 */
export async function* guardedStream<T>(
  assertAllowed: () => void,
  begin: () => AsyncIterable<T>,
  call: RunCall,
): AsyncGenerator<T> {
  assertAllowed();
  const source = begin()[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await call(() => source.next());
      if (next.done) return;
      yield next.value;
      assertAllowed();
    }
  } finally {
    const ending = source.return?.();
    // If reading is not allowed, waiting could be a deadlock: the stream may end only after the current work.
    if (isAllowed(assertAllowed)) await ending;
    else ending?.catch(() => {});
  }
}

function isAllowed(assertAllowed: () => void): boolean {
  try {
    assertAllowed();
    return true;
  } catch {
    return false;
  }
}
