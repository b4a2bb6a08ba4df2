import type { Buffer } from "node:buffer";

/** The length from which it is worth it, in bytes. */
const LONG = 1 << 13;

/**
 * Frees the memory of received bytes that nobody reads. The garbage
 * collector would free it much later: a stream of rows held 18 MB more.
 */
export function freeBytes({ buffer, length }: Buffer): void {
  // A part of a greater buffer shares its memory with others.
  if (
    length >= LONG && length === buffer.byteLength &&
    buffer instanceof ArrayBuffer
  ) buffer.transfer(0);
}
