import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
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
  /** Counts more bytes that were read. */
  addRead(bytes: number): void;
  /** The bytes, in parts. */
  readonly parts: AsyncIterable<Uint8Array>;
}

/** The name of a stream in messages. */
const STREAM = "the stream";
/** Bytes that are read at once. */
const PART = 1 << 20;

/** Opens a source. A missing file is reported by the first read. */
export async function openSource(source: Source): Promise<Input> {
  if (typeof source === "string" || source instanceof URL) {
    const path = typeof source === "string" ? source : fileURLToPath(source);
    const { size, isFile } = await stat(path).then(
      (found) => ({ size: found.size, isFile: found.isFile() }),
      () => ({ size: 0, isFile: false }),
    );
    return counted(
      path,
      isFile ? size : undefined,
      isFile ? path : undefined,
      createReadStream(path, { highWaterMark: PART }),
    );
  }
  return counted(STREAM, undefined, undefined, Readable.from(source));
}

function counted(
  name: string,
  totalBytes: number | undefined,
  path: string | undefined,
  stream: AsyncIterable<Uint8Array>,
): Input {
  let read = 0;
  return {
    name,
    totalBytes,
    path,
    bytesRead: () => read,
    setBytesRead: (bytes) => read = bytes,
    addRead: (bytes) => read += bytes,
    parts: (async function* () {
      for await (const part of stream) {
        read += part.length;
        yield part;
      }
    })(),
  };
}
