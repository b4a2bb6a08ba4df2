import type { Transform } from "node:stream";
import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { Limits } from "../../files/read/limits.ts";
import { ratioAssertion } from "../../files/read/file_bytes.ts";
import { DamagedData } from "./damaged_data.ts";
import type { Input } from "./source.ts";
import { peek, type Peeked } from "./peek.ts";
import { GZIP, startsWith, ZSTD } from "./signature.ts";
import { isSkippable, zstdFrames } from "./zstd_frames.ts";

type Bytes = AsyncIterable<Uint8Array>;

/** Bytes that are decompressed at once. */
const PART = 256 << 10;
/** Bytes that identify compressed data and formats. */
const HEAD = 64 << 10;

const METHODS: readonly {
  readonly isOf: (head: Uint8Array) => boolean;
  readonly decompress: (parts: Bytes) => AsyncGenerator<Uint8Array>;
}[] = [
  {
    isOf: (head) => startsWith(head, GZIP),
    decompress: (parts) => through(parts, createGunzip({ chunkSize: PART })),
  },
  {
    isOf: (head) => startsWith(head, ZSTD) || isSkippable(head),
    decompress: fromZstd,
  },
];

/**
 * Returns the content of an input: decompressed if its first bytes are those of gzip or zstd.
 *
 * @throws {LimitError} if decompression makes it larger than `maxRatio` allows
 * @throws {DamagedData} if the compressed data is cut off or damaged
 */
export async function contentOf(
  input: Input,
  limits: Limits,
): Promise<Peeked & { readonly isCompressed: boolean }> {
  const { head, parts } = await peek(input.parts, HEAD);
  const method = METHODS.find(({ isOf }) => isOf(head));
  return method === undefined ? { head, parts, isCompressed: false } : {
    ...await peek(bounded(input, method.decompress(parts), limits), HEAD),
    isCompressed: true,
  };
}

async function* bounded(
  input: Input,
  content: Bytes,
  limits: Limits,
): AsyncGenerator<Uint8Array> {
  const assertRatio = ratioAssertion(input.name, limits);
  let size = 0;
  for await (const bytes of content) {
    size += bytes.length;
    assertRatio(input.bytesRead(), size);
    yield bytes;
  }
}

/** Decompresses frame after frame. */
async function* fromZstd(parts: Bytes): AsyncGenerator<Uint8Array> {
  const frames = zstdFrames(parts);
  let next = await frames.next();
  async function* frame(): AsyncGenerator<Uint8Array> {
    for (let isEnd = false; next.done !== true && !isEnd;) {
      isEnd = next.value.isEnd;
      yield next.value.bytes;
      next = await frames.next();
    }
  }
  try {
    while (next.done !== true) {
      yield* through(frame(), createZstdDecompress({ chunkSize: PART }));
    }
  } finally {
    await frames.return(undefined);
  }
}

async function* through(
  parts: Bytes,
  transform: Transform,
): AsyncGenerator<Uint8Array> {
  const stored = Readable.from(parts);
  let failure: unknown;
  // pipe() does not forward errors of the file.
  stored.on("error", (error) => {
    failure = error;
    transform.destroy(error);
  });
  transform.on("error", () => {});
  try {
    yield* stored.pipe(transform);
  } catch (error) {
    if (error === failure || !(error instanceof Error)) throw error;
    throw new DamagedData(error.message, { cause: error });
  } finally {
    stored.destroy();
  }
}
