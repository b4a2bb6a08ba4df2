import { packetError } from "../read/packet_error.ts";

/** Reads bytes in pieces of any length from chunks as they arrive. */
export interface ByteReader {
  /** Returns the next bytes. Throws a `ValidationError` if the source ends before. */
  take(length: number): Promise<Uint8Array>;
  /** Reads an integer of 64 bits, as {@link readLong} does. */
  integer(): Promise<number>;
  /** Returns whether the source has no more bytes. */
  isAtEnd(): Promise<boolean>;
  /** How many bytes were taken. */
  readonly taken: number;
}

/** Returns a reader of chunks. */
export function byteReader(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const source = chunks[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array();
  let [at, taken] = [0, 0];

  /** Whether the chunk has a next byte, after reading another chunk if needed. */
  async function fill(): Promise<boolean> {
    while (at === chunk.length) {
      const { done, value } = await source.next();
      if (done === true) return false;
      [chunk, at] = [value, 0];
    }
    return true;
  }

  async function take(length: number): Promise<Uint8Array> {
    if (length <= chunk.length - at) {
      at += length;
      taken += length;
      return chunk.subarray(at - length, at);
    }
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      if (!await fill()) throw packetError("is truncated");
      const part = chunk.subarray(at, at + missing);
      parts.push(part);
      at += part.length;
      missing -= part.length;
    }
    taken += length;
    const bytes = new Uint8Array(length);
    let offset = 0;
    for (const part of parts) {
      bytes.set(part, offset);
      offset += part.length;
    }
    return bytes;
  }

  return {
    take,
    isAtEnd: async () => !await fill(),
    async integer() {
      let value = 0n;
      for (let shift = 0n; shift < 70n; shift += 7n) {
        const [byte = 0] = await take(1);
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return Number((value >> 1n) ^ -(value & 1n));
      }
      throw packetError("has an integer of more than 64 bits");
    },
    get taken() {
      return taken;
    },
  };
}
