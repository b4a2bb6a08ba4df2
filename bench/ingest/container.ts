import avro, { type Schema, type Type } from "avsc";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { gunzipSync } from "node:zlib";

/** How many times the alerts are in the file, each time with other identifiers. */
const COPIES = 2;
/** What separates the identifiers of a copy from those of the one before. */
const STEP = 1_000_000_000_000_000_000n;
/** A number without a common factor with that of the alerts, which shuffles them. */
const STRIDE = 7919;

/** A part of an Avro schema as JSON. */
type Json = Readonly<Record<string, unknown>>;

/** Reads and writes 64-bit integers as bigints, as the documentation of avsc does. */
const long = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer(value: bigint) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === "bigint",
  compare: (one: bigint, other: bigint) => Number(one - other),
});

/**
 * Writes the alerts of a file of JSON lines into an Avro container, several
 * times, each time with other identifiers, and in mixed order. Alerts without a
 * field that the schema requires are left out.
 *
 * @param like an Avro file, whose schema is used
 * @returns the number of alerts
 */
export async function writeContainer(
  path: string,
  lines: string,
  like: string,
): Promise<number> {
  const schema = withoutDefaults(await schemaOf(like));
  const type = typeOf(schema);
  const text = new TextDecoder().decode(
    gunzipSync(await Deno.readFile(lines)),
  );
  const packets = text.trim().split("\n").flatMap((line): unknown[] => {
    const packet = converted(schema, {
      publisher: "expanded from real alerts",
      ...JSON.parse(line),
    });
    return type.isValid(packet) ? [packet] : [];
  });
  const encoder = new avro.streams.BlockEncoder(type);
  const file = encoder.pipe(createWriteStream(path));
  const count = packets.length * COPIES;
  for (let at = 0; at < count; at++) {
    const index = at * STRIDE % count;
    const copy = Math.floor(index / packets.length);
    encoder.write(copyOf(packets[index % packets.length], copy));
  }
  encoder.end();
  await once(file, "finish");
  return count;
}

/** Decodes the alerts of a container with avsc and returns their number. */
export async function decodeWithAvsc(path: string): Promise<number> {
  const decoder = createReadStream(path).pipe(
    new avro.streams.BlockDecoder({
      parseHook: (schema) => typeOf(withoutDefaults(schema)),
    }),
  );
  let count = 0;
  decoder.on("data", () => count++);
  await once(decoder, "end");
  return count;
}

async function schemaOf(path: string): Promise<unknown> {
  let found: unknown;
  const decoder = createReadStream(path).pipe(
    new avro.streams.BlockDecoder({
      parseHook(schema) {
        found = schema;
        return typeOf(withoutDefaults(schema));
      },
    }),
  );
  decoder.resume();
  await once(decoder, "end");
  return found;
}

function typeOf(schema: unknown): Type {
  return avro.Type.forSchema(schema as Schema, { registry: { long } });
}

/** Returns a schema without defaults: avsc refuses those of ZTF. */
function withoutDefaults(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutDefaults);
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([name]) => name !== "default" && name !== "doc")
      .map(([name, part]) => [name, withoutDefaults(part)]),
  );
}

/** Returns a value of JSON as the schema wants it: longs as bigints, and null for what is missing. */
function converted(schema: unknown, value: unknown): unknown {
  if (Array.isArray(schema)) {
    if (value === null || value === undefined) return null;
    return converted(schema.find((one) => one !== "null"), value);
  }
  if (schema === "long") {
    return value === undefined ? value : BigInt(`${value}`);
  }
  if (!isObject(schema)) return value;
  if (schema.type === "array" && Array.isArray(value)) {
    return value.map((item) => converted(schema.items, item));
  }
  if (schema.type !== "record" || !isObject(value)) {
    return typeof schema.type === "string"
      ? value
      : converted(schema.type, value);
  }
  const fields: readonly Json[] = Array.isArray(schema.fields)
    ? schema.fields
    : [];
  return Object.fromEntries(
    fields.map(({ name, type }) => [
      `${name}`,
      converted(type, value[`${name}`]),
    ]),
  );
}

/** Returns a packet with the identifiers of a copy. */
function copyOf(packet: unknown, copy: number): unknown {
  if (Array.isArray(packet)) return packet.map((item) => copyOf(item, copy));
  if (!isObject(packet)) return packet;
  return Object.fromEntries(
    Object.entries(packet).map(([name, value]) => {
      if (name === "candid" && typeof value === "bigint") {
        return [name, value + BigInt(copy) * STEP];
      }
      if (name === "objectId") return [name, `${value}${"ab"[copy]}`];
      return [name, typeof value === "object" ? copyOf(value, copy) : value];
    }),
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
