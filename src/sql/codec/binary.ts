import type { Field, FieldType } from "../../model/field.ts";
import { EARLIEST_DATE, typeProblem } from "../../model/value_problem.ts";
import { itemOid } from "./types.ts";
import type { ByteWriter } from "./byte_writer.ts";

/**
 * Writes a value with its length, if it is of the type.
 * @returns whether it was; if not, what was written must be taken back
 */
export type BinaryEncoder = (value: unknown) => boolean;

/** 2000-01-01, where PostgreSQL's timestamps begin (`POSTGRES_EPOCH_JDATE`), in milliseconds since 1970. */
const POSTGRES_EPOCH = 946_684_800_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const FLOAT32_MAX = 3.4028234663852886e38;

/**
 * The encoder of a type: checks and writes in one pass. It takes exactly what
 * `typeProblem` has nothing against. The forms are those of PostgreSQL's
 * `*_recv` functions.
 */
export function binaryEncoder(
  { type, sqlType }: Pick<Field, "type" | "sqlType">,
  to: ByteWriter,
): BinaryEncoder {
  switch (type.kind) {
    case "int32":
      return (value) => {
        if (typeof value !== "number" || (value | 0) !== value) return false;
        to.int32(4);
        to.int32(value);
        return true;
      };
    case "int64":
      return (value) => {
        if (typeof value === "number") {
          if (!Number.isSafeInteger(value)) return false;
          value = BigInt(value);
        }
        if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) {
          return false;
        }
        to.int32(8);
        to.int64(value);
        return true;
      };
    case "float32":
      return (value) => {
        if (typeof value !== "number" || !(Math.abs(value) <= FLOAT32_MAX)) {
          return false;
        }
        to.int32(4);
        to.float32(value);
        return true;
      };
    case "float64":
      return (value) => {
        if (typeof value !== "number" || !Number.isFinite(value)) return false;
        to.int32(8);
        to.float64(value);
        return true;
      };
    case "string":
      return (value) => typeof value === "string" && to.text(value);
    case "enum": {
      const values = new Set(type.values);
      return (value) =>
        typeof value === "string" && values.has(value) && to.text(value);
    }
    case "boolean":
      return (value) => {
        if (typeof value !== "boolean") return false;
        to.int32(1);
        to.uint8(value ? 1 : 0);
        return true;
      };
    case "date":
      return (value) => {
        if (!(value instanceof Date)) return false;
        const time = value.getTime();
        if (!(time >= EARLIEST_DATE)) return false;
        to.int32(8);
        to.int64(BigInt(time - POSTGRES_EPOCH) * 1000n);
        return true;
      };
    case "uuid":
      return (value) => {
        if (typeof value !== "string" || !UUID.test(value)) return false;
        const hex = value.replaceAll("-", "");
        to.int32(16);
        for (let at = 0; at < 32; at += 2) {
          to.uint8(Number.parseInt(hex.slice(at, at + 2), 16));
        }
        return true;
      };
    case "json":
      return jsonEncoder(type, to);
    case "array":
      return arrayEncoder(type, sqlType, to);
  }
}

/** NaN and the infinities, where the model keeps them. */
export function writeNotFinite(
  type: FieldType,
  value: number,
  to: ByteWriter,
): void {
  if (type.kind === "float32") {
    to.int32(4);
    to.float32(value);
  } else {
    to.int32(8);
    to.float64(value);
  }
}

/** A `jsonb` is the version, 1, and the text. */
function jsonEncoder(type: FieldType, to: ByteWriter): BinaryEncoder {
  const bytes = new TextEncoder();
  return (value) => {
    if (typeProblem(type, value) !== undefined) return false;
    const text = bytes.encode(JSON.stringify(value));
    to.int32(text.length + 1);
    to.uint8(1);
    to.raw(text);
    return true;
  };
}

/** An array is its length in bytes, dimensions, a flag for nulls, the item type, and for each dimension size and lower bound. */
function arrayEncoder(
  type: Extract<FieldType, { kind: "array" }>,
  sqlType: string | undefined,
  to: ByteWriter,
): BinaryEncoder {
  const oid = itemOid(type.item, sqlType);
  const encode = binaryEncoder({ type: type.item, sqlType }, to);
  return (value) => {
    if (!Array.isArray(value)) return false;
    if (value.length === 0) {
      to.int32(12);
      to.int32(0);
      to.int32(0);
      to.int32(oid);
      return true;
    }
    const before = to.length;
    to.int32(0);
    to.int32(1);
    to.int32(value.includes(null) ? 1 : 0);
    to.int32(oid);
    to.int32(value.length);
    to.int32(1);
    for (const item of value) {
      if (item === null && type.nullableItems) to.int32(-1);
      else if (!encode(item)) return false;
    }
    to.patchInt32(before, to.length - before - 4);
    return true;
  };
}
