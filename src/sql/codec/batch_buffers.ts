/** The size of a buffer: a batch of 4 MB, and the row that exceeds it. */
const SIZE = (4 << 20) + (256 << 10);
/** The size from which bytes are written into such a buffer. */
const LEAST = 1 << 20;
/** The number of buffers that bulk writes need at a time. */
const MOST = 4;

/**
 * Buffers that no batch uses now. The garbage collector frees them with its next
 * full collection. Without them, the buffers of each bulk write would cause such
 * a collection, which takes longer than the encoding if the program has many rows.
 */
let free: WeakRef<ArrayBuffer[]> | undefined;

/** Returns bytes of at least this size, whose contents are undefined. */
export function takeBytes(size: number): Uint8Array<ArrayBuffer> {
  if (size < LEAST || size > SIZE) return new Uint8Array(size);
  const buffer = free?.deref()?.pop();
  return new Uint8Array(buffer ?? new ArrayBuffer(SIZE));
}

/** Gives bytes of {@link takeBytes}, or a part of them, to later callers. The caller must not use them any more. */
export function giveBytes({ buffer }: Uint8Array): void {
  if (buffer.byteLength !== SIZE || !(buffer instanceof ArrayBuffer)) return;
  const buffers = free?.deref();
  if (buffers === undefined) free = new WeakRef([buffer]);
  else if (buffers.length < MOST && !buffers.includes(buffer)) {
    buffers.push(buffer);
  }
}
