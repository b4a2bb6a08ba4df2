import { INFINITE_TIME } from "../../model/exact_date.ts";
import type { ScalarKind } from "../../model/field.ts";
import { EARLIEST_DATE } from "../../model/value_problem.ts";
import * as bson from "./bson/value_source.ts";
import { bytesOf } from "./bytes.ts";
import { decodeJson, encodeJson } from "./json.ts";
import { hugeIntegerProblem } from "./json_parts.ts";

/** How documents hold the values of one field type, and how MongoDB compares them. */
export interface FieldCodec {
  /** The BSON types that a collection's validator allows; any type if empty. */
  readonly bsonTypes: readonly string[];
  /**
   * Whether a row's value is already as documents hold it, as a function or a
   * JavaScript expression of `v`. If it is not, the value may still be valid.
   */
  readonly canonical: string | ((value: unknown) => boolean);
  /** Encodes a checked value that is not null; undefined if documents hold it unchanged. */
  readonly encode: ((value: unknown) => unknown) | undefined;
  /** Returns why documents cannot hold an encoded value, or undefined if they can; undefined if they hold every one. */
  readonly refusal: ((encoded: unknown) => string | undefined) | undefined;
  /** Decodes a stored value that is not null; returns undefined if its type does not fit. */
  readonly decode: (value: unknown) => unknown;
  /** A JavaScript expression: whether rows hold the stored value `t` unchanged. */
  readonly decoded: string;
  /** Source that reads each accepted BSON type from bytes. */
  readonly sources: readonly bson.ValueSource[];
  /** The operator for equality: `$eq`, `$expr` on the whole value, or JSON with its keys in any order. */
  readonly equality: "match" | "whole" | "json";
  /** Whether values are sorted directly, or by their items in order. */
  readonly order: "value" | "items";
  /** Whether a value may contain null, which `$eq: null` would match. */
  readonly containsNull: boolean;
  /** Whether a value may be an array. Indexes then see its items only, and it has no text that identifies it. */
  readonly holdsArrays: boolean;
  /** Whether a value may have any size. */
  readonly isUnbounded: boolean;
  /** Whether two values are equal in JavaScript exactly if they are equal in the database. */
  readonly isIdentity: boolean;
}

/** What the codecs of most kinds have in common. */
export const SCALAR = {
  refusal: undefined,
  encode: undefined,
  equality: "match",
  order: "value",
  containsNull: false,
  holdsArrays: false,
  isUnbounded: false,
  isIdentity: false,
} as const;
const STRING =
  'typeof v === "string" && v.isWellFormed() && !v.includes("\\0")';
/** In lower case only: MongoDB compares the text, and writes and filters have this form. */
const UUID_SOURCE =
  "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
const UUID = new RegExp(UUID_SOURCE);

const FLOAT = {
  ...SCALAR,
  bsonTypes: ["number"],
};

/** A new kind does not compile until it has an entry here. */
export const SCALARS: Readonly<Record<ScalarKind, FieldCodec>> = {
  int16: {
    ...SCALAR,
    bsonTypes: ["int"],
    canonical:
      'typeof v === "number" && (v << 16 >> 16) === v && (v !== 0 || 1 / v > 0)',
    encode: (value) => value === 0 ? 0 : value,
    decode(value) {
      const number = isNumeric(value) ? Number(value) : NaN;
      const whole = number << 16 >> 16;
      return whole === number ? whole : undefined;
    },
    decoded: 'typeof t === "number" && Object.is(t << 16 >> 16, t)',
    sources: [bson.int16Source],
    isIdentity: true,
  },
  int32: {
    ...SCALAR,
    bsonTypes: ["int"],
    canonical:
      'typeof v === "number" && (v | 0) === v && (v !== 0 || 1 / v > 0)',
    // The driver would write -0 as a double.
    encode: (value) => value === 0 ? 0 : value,
    decode(value) {
      const number = isNumeric(value) ? Number(value) : NaN;
      const whole = number | 0;
      return whole === number ? whole : undefined;
    },
    decoded: 'typeof t === "number" && Object.is(t | 0, t)',
    sources: [bson.int32Source, bson.wholeDoubleSource],
    isIdentity: true,
  },
  int64: {
    ...SCALAR,
    // Python programs write a small int64 as an int.
    bsonTypes: ["int", "long"],
    canonical:
      'typeof v === "bigint" && v >= -9223372036854775808n && v <= 9223372036854775807n',
    decode(value) {
      if (typeof value === "bigint") return value;
      return Number.isSafeInteger(value) ? BigInt(Number(value)) : undefined;
    },
    decoded: 'typeof t === "bigint"',
    sources: [bson.int64Source, bson.int32AsBigintSource],
    isIdentity: true,
  },
  float32: {
    ...FLOAT,
    canonical: "Number.isFinite(v) && Math.fround(v) === v",
    decode(value) {
      const number = exactNumber(value);
      return Object.is(Math.fround(number ?? NaN), number) ? number : undefined;
    },
    decoded: 'typeof t === "number" && (Math.fround(t) === t || t !== t)',
    // The driver writes a whole number as an int.
    sources: [
      bson.singleDoubleSource,
      bson.singleInt32Source,
    ],
  },
  float64: {
    ...FLOAT,
    canonical: "Number.isFinite(v)",
    decode: exactNumber,
    decoded: 'typeof t === "number"',
    sources: [bson.doubleSource, bson.int32Source, bson.exactInt64Source],
  },
  string: {
    ...SCALAR,
    bsonTypes: ["string"],
    canonical: STRING,
    decode: (value) => typeof value === "string" ? value : undefined,
    decoded: 'typeof t === "string"',
    sources: [bson.stringSource],
    isUnbounded: true,
    isIdentity: true,
  },
  boolean: {
    ...SCALAR,
    bsonTypes: ["bool"],
    canonical: 'typeof v === "boolean"',
    decode: (value) => typeof value === "boolean" ? value : undefined,
    decoded: 'typeof t === "boolean"',
    sources: [bson.booleanSource],
  },
  date: {
    ...SCALAR,
    bsonTypes: ["date"],
    canonical:
      `v instanceof Date && (v.getTime() >= ${EARLIEST_DATE} || v.getTime() === ${-INFINITE_TIME})`,
    decode: (value) =>
      value instanceof Date && isStoredTime(value.getTime())
        ? value
        : undefined,
    decoded: "false",
    sources: [bson.dateSource],
  },
  uuid: {
    ...SCALAR,
    bsonTypes: ["string"],
    canonical: `typeof v === "string" && /${UUID_SOURCE}/.test(v)`,
    decode: (value) =>
      typeof value === "string" && UUID.test(value) ? value : undefined,
    decoded: "false",
    sources: [bson.checkedStringSource],
  },
  bytes: {
    ...SCALAR,
    bsonTypes: ["binData"],
    canonical: "v instanceof Uint8Array",
    decode: bytesOf,
    decoded: "false",
    sources: [bson.binarySource],
    isUnbounded: true,
  },
  json: {
    ...SCALAR,
    bsonTypes: [],
    canonical: `typeof v === "boolean" || Number.isFinite(v) || (${STRING})`,
    refusal: hugeIntegerProblem,
    encode: encodeJson,
    decode: decodeJson,
    decoded: "false",
    sources: [bson.jsonSource],
    equality: "json",
    containsNull: true,
    holdsArrays: true,
    isUnbounded: true,
  },
};

/** The number of a stored double, int, or long; undefined if a number cannot represent it. */
function exactNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "bigint") return undefined;
  const number = Number(value);
  return BigInt(number) === value ? number : undefined;
}

/** Whether a time is infinite, or one that PostgreSQL can store. BSON has dates beyond the range of a Date; the driver returns an invalid Date for them. */
function isStoredTime(time: number): boolean {
  return time >= EARLIEST_DATE || time === -INFINITE_TIME;
}

/** Whether the driver decoded a number. */
export function isNumeric(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
