import { joined } from "./joined.ts";

/** The beginning of some bytes, and all of them. */
export interface Peeked {
  /** At least the requested number of bytes, or all if there are fewer. */
  readonly head: Uint8Array;
  /** All bytes, with the head. */
  readonly parts: AsyncGenerator<Uint8Array>;
}

/** Reads the first bytes, and returns them with a source of all bytes. */
export async function peek(
  parts: AsyncIterable<Uint8Array>,
  size: number,
): Promise<Peeked> {
  const iterator = parts[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (head.length < size) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = joined(head, next.value);
  }
  return { head, parts: all(head, iterator) };
}

async function* all(
  head: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}
