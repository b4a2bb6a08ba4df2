import { inflateRaw } from "node:zlib";
import { DbPluginsError } from "../../base/errors/mod.ts";
import { ratioAssertion } from "../read/file_bytes.ts";
import { beyond, type Limits } from "../read/limits.ts";
import { packetError } from "../read/packet_error.ts";
import { type ByteReader, byteReader } from "./chunks.ts";
import { cursorOf } from "./cursor.ts";
import { type Read, SCHEMA_LEVELS, schemaReader } from "./schema.ts";

/** The first bytes of a container. */
const MAGIC = "4f626a01";
/** Bytes of the sync marker at the end of the header and of each block. */
const MARKER_BYTES = 16;

/** The header of a container. */
interface Header {
  readonly codec: string;
  readonly read: Read;
  readonly marker: string;
}

/**
 * Yields the packets of an Avro object container: Avro 1.11 specification,
 * "Object Container Files". The schema in the container is used.
 *
 * @param source its name, for messages
 * @throws {ValidationError} if the container is invalid or truncated
 * @throws {LimitError} if a block or a packet is beyond a limit, before memory is used for it
 */
export async function* packetsOf(
  chunks: AsyncIterable<Uint8Array>,
  source: string,
  limits: Limits,
): AsyncGenerator<unknown> {
  const reader = byteReader(chunks);
  let position = `${source}, header`;
  const stops = {
    tooMany: (): never => {
      throw beyond("maxValues", limits, position);
    },
    tooDeep: (): never => {
      throw beyond("maxLevels", limits, position);
    },
  };
  const { codec, read, marker } = await readable(() =>
    readHeader(reader, position, limits, stops)
  );
  const assertRatio = ratioAssertion(source, limits);
  let size = 0;
  for (let number = 1; !await reader.isAtEnd(); number++) {
    position = `${source}, block ${number}`;
    const { count, bytes } = await readable(() =>
      readBlock(reader, codec, marker, position, limits)
    );
    size += bytes.length;
    assertRatio(reader.taken, size);
    const from = cursorOf(bytes);
    for (let index = 0; index < count; index++) {
      from.values = limits.maxValues;
      yield await readable(() => read(from, limits.maxLevels));
    }
  }
}

async function readHeader(
  reader: ByteReader,
  position: string,
  limits: Limits,
  stops: Parameters<typeof schemaReader>[2],
): Promise<Header> {
  if ((await reader.take(4)).toHex() !== MAGIC) {
    throw packetError("is not a readable Avro container");
  }
  const meta = new Map<string, string>();
  const take = async (): Promise<string> => {
    const length = await reader.integer();
    if (reader.taken + length > limits.maxBlock) {
      throw beyond("maxBlock", limits, position, length);
    }
    if (length < 0) throw packetError("is not a readable Avro container");
    return new TextDecoder().decode(await reader.take(length));
  };
  for (let count = await reader.integer(); count !== 0;) {
    if (count < 0) await reader.integer();
    for (let left = Math.abs(count); left > 0; left--) {
      const [name, text] = [await take(), await take()];
      if (name === "avro.schema" || name === "avro.codec") meta.set(name, text);
    }
    count = await reader.integer();
  }
  const schema: unknown = JSON.parse(meta.get("avro.schema") ?? "");
  return {
    codec: meta.get("avro.codec") || "null",
    read: schemaReader(schema, SCHEMA_LEVELS, stops),
    marker: (await reader.take(MARKER_BYTES)).toHex(),
  };
}

async function readBlock(
  reader: ByteReader,
  codec: string,
  marker: string,
  position: string,
  limits: Limits,
): Promise<{ readonly count: number; readonly bytes: Uint8Array }> {
  const count = await reader.integer();
  const length = await reader.integer();
  if (count < 0 || length < 0) {
    throw packetError("is not a readable Avro container");
  }
  if (length > limits.maxBlock) {
    throw beyond("maxBlock", limits, position, length);
  }
  const stored = await reader.take(length);
  if ((await reader.take(MARKER_BYTES)).toHex() !== marker) {
    throw packetError(
      "is not a readable Avro container: a block has a wrong end",
    );
  }
  switch (codec) {
    case "null":
      return { count, bytes: stored };
    case "deflate":
      return { count, bytes: await inflate(stored, position, limits) };
    default:
      throw packetError(
        `is compressed with ${
          JSON.stringify(codec.slice(0, 60))
        }; this package reads blocks that are uncompressed or compressed with deflate`,
      );
  }
}

function inflate(
  stored: Uint8Array,
  position: string,
  limits: Limits,
): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const options = { maxOutputLength: limits.maxBlock };
  inflateRaw(stored, options, (error, bytes) => {
    if (error === null) resolve(bytes);
    else {
      const isTooLong = "code" in error &&
        error.code === "ERR_BUFFER_TOO_LARGE";
      reject(isTooLong ? beyond("maxBlock", limits, position) : error);
    }
  });
  return promise;
}

/** Gives errors of the runtime, such as those of JSON, a class of this package. */
async function readable<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DbPluginsError) throw error;
    throw packetError("is not a readable Avro container", error);
  }
}
