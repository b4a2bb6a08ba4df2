import type { FieldType } from "../../model/field.ts";
import { INFINITE_TIME, microsecondsOf } from "../../model/exact_date.ts";
import {
  EARLIEST_MICROSECONDS,
  INFINITE_MICROSECONDS,
  NEGATIVE_INFINITE_MICROSECONDS,
} from "../../model/microseconds.ts";
import { EARLIEST_DATE, typeProblem } from "../../model/value_problem.ts";
import { float32Problem } from "../../model/float32.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { EPOCH_MICROSECONDS, EPOCH_MILLISECONDS } from "./wire/calendar.ts";
import { writeJson } from "./wire/exact_json.ts";

/**
 * Writes a value and its length, if the value matches the type.
 * @returns whether it matches; if not, the caller must remove the written bytes
 */
export type BinaryEncoder = (value: unknown) => boolean;

/** Creates the encoder of the binary format, as PostgreSQL's `*_recv` functions read it. It accepts the same values as `typeProblem`. */
export type EncoderOf<Type = FieldType> = (
  to: ByteWriter,
  type: Type,
) => BinaryEncoder;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** The version of the format of `jsonb`. */
const JSONB_VERSION = 1;

export function int16Encoder(to: ByteWriter): BinaryEncoder {
  return (value) => {
    if (typeof value !== "number" || (value << 16 >> 16) !== value) {
      return false;
    }
    to.int32(2);
    to.int16(value);
    return true;
  };
}

export function int32Encoder(to: ByteWriter): BinaryEncoder {
  return (value) => {
    if (typeof value !== "number" || (value | 0) !== value) return false;
    to.int32(4);
    to.int32(value);
    return true;
  };
}

export function int64Encoder(to: ByteWriter): BinaryEncoder {
  return (value) => {
    const integer = int64Of(value);
    if (integer === undefined) return false;
    to.int32(8);
    to.int64(integer);
    return true;
  };
}

/** Microseconds since 1970 as a timestamp. */
export function microsecondsEncoder(to: ByteWriter): BinaryEncoder {
  return (value) => {
    const microseconds = int64Of(value);
    if (microseconds === undefined) return false;
    const isInfinite = microseconds === INFINITE_MICROSECONDS ||
      microseconds === NEGATIVE_INFINITE_MICROSECONDS;
    if (microseconds < EARLIEST_MICROSECONDS && !isInfinite) return false;
    const stored = isInfinite
      ? microseconds
      : microseconds - EPOCH_MICROSECONDS;
    to.int32(8);
    to.int64(stored);
    return true;
  };
}

function int64Of(value: unknown): bigint | undefined {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  }
  return typeof value === "bigint" && BigInt.asIntN(64, value) === value
    ? value
    : undefined;
}

export function float32Encoder(to: ByteWriter): BinaryEncoder {
  return (value) => {
    if (
      typeof value !== "number" || !Number.isFinite(value) ||
      float32Problem(value) !== undefined
    ) return false;
    to.int32(4);
    to.float32(value);
    return true;
  };
}

export function float64Encoder(to: ByteWriter): BinaryEncoder {
  return (value) => {
    if (typeof value !== "number" || !Number.isFinite(value)) return false;
    to.int32(8);
    to.float64(value);
    return true;
  };
}

export function textEncoder(to: ByteWriter): BinaryEncoder {
  return (value) => typeof value === "string" && to.text(value);
}

export function enumEncoder(
  to: ByteWriter,
  type: { readonly values: readonly string[] },
): BinaryEncoder {
  const values = new Set(type.values);
  return (value) =>
    typeof value === "string" && values.has(value) && to.text(value);
}

export function booleanEncoder(to: ByteWriter): BinaryEncoder {
  return (value) => {
    if (typeof value !== "boolean") return false;
    to.int32(1);
    to.uint8(value ? 1 : 0);
    return true;
  };
}

/** A `Date` as a timestamp, with the microseconds of a read. */
export function dateEncoder(to: ByteWriter): BinaryEncoder {
  return (value) => {
    if (!(value instanceof Date)) return false;
    const time = value.getTime();
    if (time === INFINITE_TIME) return infinity(to, INFINITE_MICROSECONDS);
    if (!(time >= EARLIEST_DATE)) {
      return time === -INFINITE_TIME &&
        infinity(to, NEGATIVE_INFINITE_MICROSECONDS);
    }
    to.int32(8);
    to.int64(
      BigInt(time - EPOCH_MILLISECONDS) * 1000n +
        BigInt(microsecondsOf(value) ?? 0),
    );
    return true;
  };
}

function infinity(to: ByteWriter, stored: bigint): true {
  to.int32(8);
  to.int64(stored);
  return true;
}

export function uuidEncoder(to: ByteWriter): BinaryEncoder {
  return (value) => {
    if (typeof value !== "string" || !UUID.test(value)) return false;
    const hex = value.replaceAll("-", "");
    to.int32(16);
    for (let at = 0; at < 32; at += 2) {
      to.uint8(Number.parseInt(hex.slice(at, at + 2), 16));
    }
    return true;
  };
}

export function bytesEncoder(to: ByteWriter): BinaryEncoder {
  return (value) => {
    if (!(value instanceof Uint8Array)) return false;
    to.int32(value.length);
    to.raw(value);
    return true;
  };
}

/** A `jsonb` is its version and its text. */
export const jsonbEncoder: EncoderOf = jsonEncoder(JSONB_VERSION);
/** A `json` is its text. */
export const jsonTextEncoder: EncoderOf = jsonEncoder(undefined);

function jsonEncoder(version: number | undefined): EncoderOf {
  return (to, type) => {
    const encoder = new TextEncoder();
    return (value) => {
      if (typeProblem(type, value) !== undefined) return false;
      const text = encoder.encode(writeJson(value));
      to.int32(text.length + (version === undefined ? 0 : 1));
      if (version !== undefined) to.uint8(version);
      to.raw(text);
      return true;
    };
  };
}
