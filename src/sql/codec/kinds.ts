import type { FieldType } from "../../model/field.ts";
import { EARLIEST_DATE, typeProblem } from "../../model/value_problem.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { readTimestamp, timestampText } from "./timestamp.ts";

/**
 * Writes a value and its length, if the value matches the type.
 * @returns whether it matches; if not, the caller must remove the written bytes
 */
export type BinaryEncoder = (value: unknown) => boolean;

/** A kind of field other than an array. */
export type ElementKind = Exclude<FieldType["kind"], "array">;

/** One kind of field on PostgreSQL. Object identifiers are those of `pg_type.dat`, which never change. */
export interface KindCodec<Type> {
  /** The name of the SQL type. */
  readonly sql: string;
  /** The object identifier of the type, and that of its array. */
  readonly oid: number;
  readonly arrayOid: number;
  /** The types with the same binary format. */
  readonly sameBinary: readonly number[];
  /** The types whose text {@link KindCodec.read} can read; all types if undefined. */
  readonly readable: readonly number[] | undefined;
  /** Writes a value as text. */
  write(value: unknown): string;
  /** Reads a value from text. */
  read(text: string): unknown;
  /** The JavaScript expression that reads the text `t`, if it is faster than a call of {@link KindCodec.read}. */
  readonly inlineRead: string | undefined;
  /** Creates the encoder of the binary format, as PostgreSQL's `*_recv` functions read it. It accepts the same values as `typeProblem`. */
  binary(to: ByteWriter, type: Type): BinaryEncoder;
}

const VARCHAR = 1043;
const TEXT = 25;
const DATE = 1082;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
/** 2000-01-01, the epoch of PostgreSQL's timestamps (`POSTGRES_EPOCH_JDATE`), in milliseconds since 1970. */
const POSTGRES_EPOCH = 946_684_800_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const FLOAT32_MAX = 3.4028234663852886e38;

/** The codecs by kind: a new kind of field does not compile until this table has it. */
export const KINDS: {
  readonly [Kind in ElementKind]: KindCodec<
    Extract<FieldType, { kind: Kind }>
  >;
} = {
  int32: {
    sql: "integer",
    oid: 23,
    arrayOid: 1007,
    sameBinary: [23],
    readable: [21, 23],
    write: String,
    read: (text) => +text,
    inlineRead: "+t",
    binary: (to) => (value) => {
      if (typeof value !== "number" || (value | 0) !== value) return false;
      to.int32(4);
      to.int32(value);
      return true;
    },
  },
  int64: {
    sql: "bigint",
    oid: 20,
    arrayOid: 1016,
    sameBinary: [20],
    readable: [20, 21, 23],
    write: String,
    read: BigInt,
    inlineRead: undefined,
    binary: (to) => (value) => {
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
    },
  },
  float32: {
    sql: "real",
    oid: 700,
    arrayOid: 1021,
    sameBinary: [700],
    readable: [700, 701, 1700, 20, 21, 23],
    write: writeFloat,
    read: (text) => Math.fround(+text),
    inlineRead: undefined,
    binary: (to) => (value) => {
      if (typeof value !== "number" || !(Math.abs(value) <= FLOAT32_MAX)) {
        return false;
      }
      to.int32(4);
      to.float32(value);
      return true;
    },
  },
  float64: {
    sql: "double precision",
    oid: 701,
    arrayOid: 1022,
    sameBinary: [701],
    readable: [700, 701, 1700, 20, 21, 23],
    write: writeFloat,
    read: (text) => +text,
    inlineRead: "+t",
    binary: (to) => (value) => {
      if (typeof value !== "number" || !Number.isFinite(value)) return false;
      to.int32(8);
      to.float64(value);
      return true;
    },
  },
  string: {
    sql: "character varying",
    oid: VARCHAR,
    arrayOid: 1015,
    sameBinary: [VARCHAR, TEXT],
    readable: undefined,
    write: String,
    read: same,
    inlineRead: "t",
    binary: (to) => (value) => typeof value === "string" && to.text(value),
  },
  enum: {
    sql: "text",
    oid: TEXT,
    arrayOid: 1009,
    sameBinary: [VARCHAR, TEXT],
    readable: undefined,
    write: String,
    read: same,
    inlineRead: "t",
    binary(to, type) {
      const values = new Set(type.values);
      return (value) =>
        typeof value === "string" && values.has(value) && to.text(value);
    },
  },
  boolean: {
    sql: "boolean",
    oid: 16,
    arrayOid: 1000,
    sameBinary: [16],
    readable: [16],
    write: (value) => value === true ? "t" : "f",
    read: (text) => text === "t",
    inlineRead: 't === "t"',
    binary: (to) => (value) => {
      if (typeof value !== "boolean") return false;
      to.int32(1);
      to.uint8(value ? 1 : 0);
      return true;
    },
  },
  date: {
    sql: "timestamp with time zone",
    oid: TIMESTAMPTZ,
    arrayOid: 1185,
    sameBinary: [TIMESTAMP, TIMESTAMPTZ],
    readable: [TIMESTAMP, TIMESTAMPTZ, DATE],
    write: (value) =>
      value instanceof Date ? timestampText(value) : String(value),
    read: readTimestamp,
    inlineRead: undefined,
    binary: (to) => (value) => {
      if (!(value instanceof Date)) return false;
      const time = value.getTime();
      if (!(time >= EARLIEST_DATE)) return false;
      to.int32(8);
      to.int64(BigInt(time - POSTGRES_EPOCH) * 1000n);
      return true;
    },
  },
  uuid: {
    sql: "uuid",
    oid: 2950,
    arrayOid: 2951,
    sameBinary: [2950],
    readable: [2950, TEXT, VARCHAR],
    write: String,
    read: same,
    inlineRead: "t",
    binary: (to) => (value) => {
      if (typeof value !== "string" || !UUID.test(value)) return false;
      const hex = value.replaceAll("-", "");
      to.int32(16);
      for (let at = 0; at < 32; at += 2) {
        to.uint8(Number.parseInt(hex.slice(at, at + 2), 16));
      }
      return true;
    },
  },
  json: {
    sql: "jsonb",
    oid: 3802,
    arrayOid: 3807,
    sameBinary: [3802],
    readable: [114, 3802],
    write: (value) => JSON.stringify(value),
    read: (text) => JSON.parse(text),
    inlineRead: undefined,
    // A jsonb is its version, 1, and its text.
    binary(to, type) {
      const bytes = new TextEncoder();
      return (value) => {
        if (typeProblem(type, value) !== undefined) return false;
        const text = bytes.encode(JSON.stringify(value));
        to.int32(text.length + 1);
        to.uint8(1);
        to.raw(text);
        return true;
      };
    },
  },
};

function same(text: string): string {
  return text;
}

function writeFloat(value: unknown): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
