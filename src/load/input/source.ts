import { createHash, type Hash } from "node:crypto";
import { Buffer } from "node:buffer";
import { open, stat } from "node:fs/promises";
import { checksumOf, type ReadBytes } from "./checksum.ts";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** What `load` reads: the path or `file:` URL of a file, or a stream of bytes. */
export type Source = string | URL | ReadableStream<Uint8Array>;

/** The bytes of a source, as they are stored. */
export interface Input {
  /** The file, as messages name it. */
  readonly name: string;
  /** The number of bytes; undefined if it is unknown. */
  readonly totalBytes: number | undefined;
  /** The path of the file; undefined for a stream. */
  readonly path: string | undefined;
  /** The number of bytes read so far. */
  bytesRead(): number;
  /** Sets the number of bytes read so far, for a format that is not read from its beginning. */
  setBytesRead(bytes: number): void;
  /** The bytes that were read so far, and their checksum; of a file that is not read from its beginning, all bytes. Call it before the first byte is read, too. */
  read(): Promise<ReadBytes>;
  /** The bytes, in parts. */
  readonly parts: AsyncIterable<Uint8Array>;
}

/** The name of a stream in messages. */
const STREAM = "the stream";
/**
 * Bytes that are read at once: few, because Deno sends and receives on connections
 * while the program waits for the next ones.
 */
const PART = 1 << 18;

/** Opens a source. A missing file is reported by the first read. */
export async function openSource(source: Source): Promise<Input> {
  if (isStream(source)) {
    return counted(STREAM, undefined, undefined, Readable.from(source));
  }
  const path = pathOf(source);
  const { size, isFile } = await stat(path).then(
    (found) => ({ size: found.size, isFile: found.isFile() }),
    () => ({ size: 0, isFile: false }),
  );
  return counted(
    path,
    isFile ? size : undefined,
    isFile ? path : undefined,
    readParts(path),
  );
}

/** Whether a source is a stream, which can be read only once. */
export function isStream(
  source: Source,
): source is ReadableStream<Uint8Array> {
  return typeof source !== "string" && !(source instanceof URL);
}

/** Returns the path of a file. */
export function pathOf(source: string | URL): string {
  return source instanceof URL ? fileURLToPath(source) : source;
}

function counted(
  name: string,
  totalBytes: number | undefined,
  path: string | undefined,
  stream: AsyncIterable<Uint8Array>,
): Input {
  let read = 0;
  let hash: Hash | undefined;
  let whole: Promise<ReadBytes> | undefined;
  let isInOrder = true;
  return {
    name,
    totalBytes,
    path,
    bytesRead: () => read,
    setBytesRead(bytes) {
      read = bytes;
      isInOrder = false;
    },
    async read() {
      if (!isInOrder && path !== undefined) {
        return await (whole ??= readWhole(path));
      }
      hash ??= createHash("sha256");
      return { bytes: read, checksum: hash.copy().digest("hex") };
    },
    parts: (async function* () {
      for await (const part of stream) {
        read += part.length;
        hash?.update(part);
        yield part;
      }
    })(),
  };
}

async function* readParts(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    for (;;) {
      const bytes = Buffer.allocUnsafeSlow(PART);
      const { bytesRead } = await file.read(bytes, 0, PART, null);
      if (bytesRead === 0) return;
      yield bytes.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function readWhole(path: string): Promise<ReadBytes> {
  const { size } = await stat(path);
  return { bytes: size, checksum: await checksumOf(path, size) };
}
