import { createReadStream } from "node:fs";
import { once } from "node:events";
import { createGunzip } from "node:zlib";
import { LimitError } from "../../base/errors/mod.ts";
import { beyond, type Limits } from "./limits.ts";
import { readError } from "./packet_error.ts";

/** Output of this size is allowed whatever its ratio to the input: small files compress well. */
const ALWAYS_ALLOWED = 64 << 20;

/**
 * Reads the bytes of a file, decompressed if its name ends in `.gz`.
 *
 * @throws {ValidationError} if the file cannot be read
 * @throws {LimitError} if decompression makes it larger than `maxRatio` allows
 */
export async function* fileBytes(
  path: string,
  limits: Limits,
): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path);
  // Node's decompression also reads files of several parts, as `cat` and bgzip create them.
  const parts = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  // pipe() does not forward errors of the file.
  file.on("error", (error) => parts.destroy(error));
  parts.on("error", () => {});
  const assertRatio = ratioAssertion(path, limits);
  let size = 0;
  try {
    for await (const bytes of parts) {
      size += bytes.length;
      if (parts !== file) assertRatio(file.bytesRead, size);
      yield bytes;
    }
  } catch (error) {
    throw error instanceof LimitError ? error : readError(path, error);
  } finally {
    file.destroy();
    // A read that is under way ends before the file is closed.
    if (!file.closed && file.errored === null) await once(file, "close");
  }
}

/** Returns a function that checks how much larger decompression has made an input. */
export function ratioAssertion(
  position: string,
  limits: Limits,
): (compressed: number, size: number) => void {
  return (compressed, size) => {
    if (size <= ALWAYS_ALLOWED || size <= compressed * limits.maxRatio) return;
    throw beyond("maxRatio", limits, position);
  };
}
