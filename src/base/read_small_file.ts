import { Buffer } from "node:buffer";
import { open } from "node:fs/promises";
import { LimitError } from "./errors/mod.ts";

/** The most bytes of a migration file, a settings file, or a certificate: 8 MiB. */
const MAX_FILE_BYTES = 8 << 20;
/** The least bytes that one read asks for. */
const CHUNK_BYTES = 1 << 16;

/**
 * Reads a file of at most {@link MAX_FILE_BYTES}.
 *
 * @throws {LimitError} if the file is larger, before it is read
 */
export async function readSmallFile(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    assertSmallFile(path, size);
    // The file may grow meanwhile, and some files have no size.
    let bytes = Buffer.alloc(Math.max(size + 1, CHUNK_BYTES));
    let length = 0;
    while (true) {
      const { bytesRead } = await file.read(bytes, length);
      if (bytesRead === 0) return bytes.subarray(0, length);
      length += bytesRead;
      assertSmallFile(path, length);
      if (length === bytes.length) {
        bytes = Buffer.concat([bytes], bytes.length * 2);
      }
    }
  } finally {
    await file.close();
  }
}

/**
 * Checks the size of a file.
 *
 * @throws {LimitError} if it is more than {@link MAX_FILE_BYTES}
 */
export function assertSmallFile(path: string, size: number): void {
  if (size <= MAX_FILE_BYTES) return;
  throw new LimitError(
    `Cannot read ${path}: it has ${size} bytes or more, and the limit is ${MAX_FILE_BYTES} (8 MiB)`,
    { limit: "bytes of a file", allowed: MAX_FILE_BYTES, got: size },
  );
}
