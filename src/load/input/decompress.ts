import type { Transform } from "node:stream";
import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { Limits } from "../../ztf/input/limits.ts";
import { ratioAssertion } from "../../ztf/input/file_bytes.ts";
import type { Input } from "./source.ts";
import { peek, type Peeked } from "./peek.ts";
import { GZIP, startsWith, ZSTD } from "./signature.ts";

/** Bytes that are decompressed at once. */
const PART = 256 << 10;
/** Bytes that identify compressed data and formats. */
const HEAD = 64 << 10;

const METHODS: readonly {
  readonly signature: readonly number[];
  readonly create: () => Transform;
}[] = [
  {
    signature: GZIP,
    create: () => createGunzip({ chunkSize: PART }),
  },
  {
    signature: ZSTD,
    create: () => createZstdDecompress({ chunkSize: PART }),
  },
];

/**
 * Returns the content of an input: decompressed if its first bytes are those of gzip or zstd.
 *
 * @throws {LimitError} if decompression makes it larger than `maxRatio` allows
 */
export async function contentOf(
  input: Input,
  limits: Limits,
): Promise<Peeked & { readonly isCompressed: boolean }> {
  const { head, parts } = await peek(input.parts, HEAD);
  const method = METHODS.find(({ signature }) => startsWith(head, signature));
  return method === undefined ? { head, parts, isCompressed: false } : {
    ...await peek(decompressed(input, parts, method.create(), limits), HEAD),
    isCompressed: true,
  };
}

async function* decompressed(
  input: Input,
  parts: AsyncIterable<Uint8Array>,
  transform: Transform,
  limits: Limits,
): AsyncGenerator<Uint8Array> {
  const stored = Readable.from(parts);
  // pipe() does not forward errors of the file.
  stored.on("error", (error) => transform.destroy(error));
  transform.on("error", () => {});
  const assertRatio = ratioAssertion(input.name, limits);
  let size = 0;
  try {
    for await (const bytes of stored.pipe(transform)) {
      size += bytes.length;
      assertRatio(input.bytesRead(), size);
      yield bytes;
    }
  } finally {
    stored.destroy();
  }
}
