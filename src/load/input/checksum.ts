import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** The first bytes of a file. */
export interface ReadBytes {
  readonly bytes: number;
  /** The SHA-256 of these bytes, in hexadecimal. */
  readonly checksum: string;
}

/** Returns the checksum of the first bytes of a file. */
export async function checksumOf(file: string, bytes: number): Promise<string> {
  const hash = createHash("sha256");
  if (bytes > 0) {
    const options = { end: bytes - 1, highWaterMark: 1 << 20 };
    for await (const part of createReadStream(file, options)) hash.update(part);
  }
  return hash.digest("hex");
}
