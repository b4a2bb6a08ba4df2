import { type FileHandle, open } from "node:fs/promises";
import type { AsyncBuffer, FileMetaData } from "hyparquet";
import { beyond, type Limits } from "../../files/read/limits.ts";
import { assertThriftSizes } from "./thrift_sizes.ts";
import { loadModule } from "../../base/load_module.ts";

/** The bytes after the metadata: their length and the last signature. */
const END = 8;
const SIGNATURE = "PAR1";

/** A Parquet file that is open. */
export interface ParquetFile extends AsyncDisposable {
  readonly metadata: FileMetaData;
  /** Reads a range of bytes. */
  readonly buffer: AsyncBuffer;
}

/**
 * Opens a Parquet file and reads its metadata, which are at its end.
 *
 * @param damaged returns the error of a file that is cut off or damaged
 * @throws {LimitError} if the metadata are longer than `maxBlock`
 */
export async function openParquet(
  path: string,
  limits: Limits,
  damaged: (reason: string, cause?: unknown) => Error,
): Promise<ParquetFile> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const buffer = bufferOf(file, size, damaged);
    const end = new DataView(
      await buffer.slice(Math.max(0, size - END), size),
    );
    if (size < END + 4 || textOf(end, 4) !== SIGNATURE) {
      throw damaged("its last bytes are missing");
    }
    const length = end.getUint32(0, true);
    if (length > limits.maxBlock) {
      throw beyond("maxBlock", limits, `the metadata of ${path}`, length);
    }
    if (length > size - END - 4) {
      throw damaged(
        `its metadata would have ${length} bytes, more than it has`,
      );
    }
    const footer = await buffer.slice(size - END - length, size);
    const { parquetMetadata } = await loadModule(() => import("./library.ts"));
    try {
      assertThriftSizes(new DataView(footer, 0, length), 0);
      const metadata = parquetMetadata(footer, { geoparquet: false });
      return {
        metadata,
        buffer,
        [Symbol.asyncDispose]: () => file.close(),
      };
    } catch (error) {
      throw damaged("its metadata cannot be read", error);
    }
  } catch (error) {
    await file.close();
    throw error;
  }
}

function bufferOf(
  file: FileHandle,
  byteLength: number,
  damaged: (reason: string) => Error,
): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await file.read(
          bytes,
          at,
          bytes.length - at,
          start + at,
        );
        if (bytesRead === 0) throw damaged("a part is beyond its end");
        at += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

function textOf(view: DataView, at: number): string {
  return view.byteLength < at + 4
    ? ""
    : String.fromCharCode(...new Uint8Array(view.buffer, at, 4));
}
