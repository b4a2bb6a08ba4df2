/**
 * A stream that is begun, and read on, only where `allowed` does not throw.
 *
 * @param begin makes the stream when its first batch is asked for
 */
export async function* streamWhere<T>(
  allowed: () => void,
  begin: () => AsyncIterable<T>,
): AsyncGenerator<T> {
  allowed();
  const source = begin()[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await source.next();
      if (next.done) return;
      yield next.value;
      allowed();
    }
  } finally {
    const ending = source.return?.();
    // Where it may not be read it may not be waited for either: it could end no sooner than what is going on here.
    if (isAllowed(allowed)) await ending;
    else ending?.catch(() => {});
  }
}

function isAllowed(allowed: () => void): boolean {
  try {
    allowed();
    return true;
  } catch {
    return false;
  }
}
