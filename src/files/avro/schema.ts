import { dateOfMicroseconds } from "../../model/exact_date.ts";
import { packetError } from "../read/packet_error.ts";
import {
  type Cursor,
  readInteger,
  readLong,
  skipBytes,
  skipSized,
} from "./cursor.ts";

/** Reads a value. `levels` is how many levels of values may follow. */
export type Read = (from: Cursor, levels: number) => unknown;

/** Levels that a schema may have. */
export const SCHEMA_LEVELS = 100;

/** What stops the reader at a limit. */
export interface Stops {
  /** Throws because the packet has too many values. */
  readonly tooMany: () => never;
  /** Throws because the packet, or the schema, has too many levels. */
  readonly tooDeep: () => never;
}

/** The types that have no parts. */
const PRIMITIVES: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["null", () => null],
  ["boolean", (from) => from.bytes[skipBytes(from, 1)] === 1],
  ["int", readInteger],
  ["long", readLong],
  ["float", (from) => from.view.getFloat32(skipBytes(from, 4), true)],
  ["double", (from) => from.view.getFloat64(skipBytes(from, 8), true)],
  ["bytes", (from) => from.bytes.slice(skipSized(from), from.at)],
  ["string", readText],
]);

/** The times that a type with a logical type stands for. */
const DATES: ReadonlyMap<string, (stored: bigint) => Date> = new Map([
  ["int date", (days) => dateOfMicroseconds(days * 86_400_000_000n)],
  ["long timestamp-millis", (time) => dateOfMicroseconds(time * 1000n)],
  ["long timestamp-micros", dateOfMicroseconds],
]);

const decoder = new TextDecoder();

function readText(from: Cursor): string {
  const start = skipSized(from);
  return decoder.decode(from.bytes.subarray(start, from.at));
}

/**
 * Returns the function that reads the values of a schema (Avro 1.11 specification).
 *
 * @param levels how many levels the schema may have
 * @throws {ValidationError} if the schema is invalid
 */
export function schemaReader(
  schema: unknown,
  levels: number,
  stops: Stops,
): Read {
  const named = new Map<string, Read>();

  function readerOf(schema: unknown, space: string, left: number): Read {
    if (left === 0) return stops.tooDeep();
    if (typeof schema === "string") {
      const known = PRIMITIVES.get(schema) ??
        named.get(fullName(schema, space)) ??
        named.get(schema);
      if (known !== undefined) return known;
      throw invalid(`the unknown type ${JSON.stringify(schema.slice(0, 60))}`);
    }
    if (Array.isArray(schema)) {
      return unionReader(schema.map((one) => readerOf(one, space, left - 1)));
    }
    const { type, logicalType, name, namespace, fields, symbols, size } =
      Object(schema);
    const { items, values } = Object(schema);
    switch (type) {
      case "record":
      case "error": {
        const inner = spaceOf(name, namespace, space);
        const known: [string, Read][] = [];
        const read = recordReader(known, stops);
        register(name, inner, read);
        for (const field of listOf(fields, "fields")) {
          known.push([
            nameOf(Object(field).name),
            readerOf(Object(field).type, inner, left - 1),
          ]);
        }
        return read;
      }
      case "enum": {
        const texts = listOf(symbols, "symbols").map(String);
        const read: Read = (from) => {
          const text = texts[readInteger(from)];
          if (text === undefined) throw packetError("has an unknown symbol");
          return text;
        };
        return register(name, spaceOf(name, namespace, space), read);
      }
      case "fixed": {
        const length = Number(size);
        const read: Read = (from) =>
          from.bytes.slice(skipBytes(from, length), from.at);
        return register(name, spaceOf(name, namespace, space), read);
      }
      case "array":
        return arrayReader(readerOf(items, space, left - 1), stops);
      case "map":
        return mapReader(readerOf(values, space, left - 1), stops);
      default: {
        const read = readerOf(type, space, left - 1);
        const dateOf = DATES.get(`${type} ${logicalType}`);
        return dateOf === undefined
          ? read
          : (from, levels) => dateOf(BigInt(Object(read(from, levels))));
      }
    }
  }

  function register(name: unknown, space: string, read: Read): Read {
    named.set(fullName(nameOf(name), space), read);
    return read;
  }

  return readerOf(schema, "", levels);
}

function recordReader(fields: readonly [string, Read][], stops: Stops): Read {
  let empty: Readonly<Record<string, unknown>> | undefined;
  return (from, levels) => {
    from.values -= fields.length;
    if (from.values < 0) stops.tooMany();
    if (levels === 0) stops.tooDeep();
    // A copy has room for all fields, and needs no more memory for each of them.
    const record: Record<string, unknown> = {
      ...empty ??= Object.fromEntries(fields.map(([name]) => [name, null])),
    };
    for (const [name, read] of fields) record[name] = read(from, levels - 1);
    return record;
  };
}

function arrayReader(read: Read, stops: Stops): Read {
  return (from, levels) => {
    if (levels === 0) stops.tooDeep();
    const items: unknown[] = [];
    for (let count = readCount(from, stops); count > 0;) {
      for (; count > 0; count--) items.push(read(from, levels - 1));
      count = readCount(from, stops);
    }
    return items;
  };
}

function mapReader(read: Read, stops: Stops): Read {
  return (from, levels) => {
    if (levels === 0) stops.tooDeep();
    const entries: [string, unknown][] = [];
    for (let count = readCount(from, stops); count > 0;) {
      for (; count > 0; count--) {
        entries.push([readText(from), read(from, levels - 1)]);
      }
      count = readCount(from, stops);
    }
    return Object.fromEntries(entries);
  };
}

/** Reads the number of items that follow; the number is negative if the size of the items comes before them. */
function readCount(from: Cursor, stops: Stops): number {
  const count = readInteger(from);
  if (count < 0) readLong(from);
  from.values -= Math.abs(count);
  return from.values < 0 ? stops.tooMany() : Math.abs(count);
}

function unionReader(types: readonly Read[]): Read {
  return (from, levels) => {
    const read = types[readInteger(from)];
    if (read === undefined) throw packetError("has an unknown type");
    return read(from, levels);
  };
}

/** Returns the namespace of a named type, which the names in it share. */
function spaceOf(name: unknown, namespace: unknown, outer: string): string {
  const text = nameOf(name);
  if (text.includes(".")) return text.slice(0, text.lastIndexOf("."));
  return typeof namespace === "string" ? namespace : outer;
}

function fullName(name: string, space: string): string {
  return name.includes(".") || space === "" ? name : `${space}.${name}`;
}

function nameOf(name: unknown): string {
  if (typeof name === "string" && /^(?!__proto__$)[\w.]+$/.test(name)) {
    return name;
  }
  throw invalid("an invalid name");
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw invalid(`no ${name}`);
}

function invalid(problem: string): Error {
  return packetError(`has an invalid Avro schema: it has ${problem}`);
}
