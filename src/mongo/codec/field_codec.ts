import type { FieldType, ScalarKind } from "../../model/field.ts";
import { EARLIEST_DATE } from "../../model/value_problem.ts";
import * as bson from "./bson/value_source.ts";
import { decodeJson, encodeJson } from "./json.ts";

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

const SCALAR = {
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
/** The canonical form has lower-case letters; other programs may store upper-case ones. */
const UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
const ANY_CASE_UUID = new RegExp(UUID, "i");

const FLOAT = {
  ...SCALAR,
  bsonTypes: ["number"],
  decode: (value: unknown) => isNumeric(value) ? Number(value) : undefined,
  decoded: 'typeof t === "number"',
  // The driver writes a whole number as an int.
  sources: [bson.doubleSource, bson.int32Source],
};

/** A new kind does not compile until it has an entry here. */
const SCALARS: Readonly<Record<ScalarKind, FieldCodec>> = {
  int32: {
    ...SCALAR,
    bsonTypes: ["int"],
    canonical:
      'typeof v === "number" && (v | 0) === v && (v !== 0 || 1 / v > 0)',
    // The driver would write -0 as a double.
    encode: (value) => value === 0 ? 0 : value,
    decode(value) {
      const number = isNumeric(value) ? Number(value) : NaN;
      return (number | 0) === number ? number : undefined;
    },
    decoded: 'typeof t === "number" && (t | 0) === t',
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
  },
  float64: { ...FLOAT, canonical: "Number.isFinite(v)" },
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
    canonical: `v instanceof Date && v.getTime() >= ${EARLIEST_DATE}`,
    // BSON has dates beyond the range of a Date.
    decode: (value) =>
      value instanceof Date && !Number.isNaN(value.getTime())
        ? value
        : undefined,
    decoded: "false",
    sources: [bson.dateSource],
  },
  uuid: {
    ...SCALAR,
    bsonTypes: ["string"],
    canonical: `typeof v === "string" && /${UUID}/.test(v)`,
    decode: (value) =>
      typeof value === "string" && ANY_CASE_UUID.test(value)
        ? value
        : undefined,
    decoded: "false",
    sources: [bson.checkedStringSource],
  },
  json: {
    ...SCALAR,
    bsonTypes: [],
    canonical: `typeof v === "boolean" || (${STRING})`,
    encode: encodeJson,
    decode: decodeJson,
    decoded: "false",
    sources: [
      bson.stringSource,
      bson.doubleSource,
      bson.int32Source,
      bson.booleanSource,
      bson.objectSource,
      bson.arraySource,
    ],
    equality: "json",
    containsNull: true,
    holdsArrays: true,
    isUnbounded: true,
  },
};

const compound = new WeakMap<FieldType, FieldCodec>();

/** The codec of a field type. */
export function codecOf(type: FieldType): FieldCodec {
  if (type.kind !== "enum" && type.kind !== "array") return SCALARS[type.kind];
  const known = compound.get(type);
  if (known !== undefined) return known;
  const codec = type.kind === "enum"
    ? enumCodec(type.values)
    : arrayCodec(codecOf(type.item), type.nullableItems);
  compound.set(type, codec);
  return codec;
}

function enumCodec(names: readonly string[]): FieldCodec {
  const values = new Set<unknown>(names);
  return {
    ...SCALAR,
    bsonTypes: ["string"],
    canonical: (value) => values.has(value),
    decode: (value) => values.has(value) ? value : undefined,
    decoded: "false",
    sources: [bson.checkedStringSource],
  };
}

function arrayCodec(item: FieldCodec, nullableItems: boolean): FieldCodec {
  const isItem = canonicalCheck(item);
  const { encode } = item;
  return {
    bsonTypes: ["array"],
    canonical: (value) =>
      Array.isArray(value) &&
      // Unlike some(), findIndex() also visits the holes of an array.
      value.findIndex((item) =>
          !(item === null ? nullableItems : isItem(item))
        ) < 0,
    encode: encode === undefined
      ? undefined
      : (value) =>
        Array.isArray(value)
          ? value.map((item) => (item ?? null) === null ? null : encode(item))
          : value,
    decode(value) {
      if (!Array.isArray(value)) return undefined;
      const items = value.map((stored) =>
        decodeItem(item, nullableItems, stored)
      );
      return items.includes(undefined) ? undefined : items;
    },
    decoded: "false",
    sources: [bson.arraySource],
    // With a scalar, $eq also matches an array that contains it.
    equality: item.holdsArrays ? "whole" : "match",
    order: "items",
    containsNull: nullableItems,
    holdsArrays: true,
    isUnbounded: true,
    isIdentity: false,
  };
}

/** Decodes an item of a stored array; returns undefined if its type does not fit. */
export function decodeItem(
  { decode }: FieldCodec,
  nullable: boolean,
  stored: unknown,
): unknown {
  if ((stored ?? null) !== null) return decode(stored);
  return nullable ? null : undefined;
}

const checks = new WeakMap<FieldCodec, (value: unknown) => boolean>();

/** A function that returns whether a value is already as documents hold it. */
export function canonicalCheck(
  codec: FieldCodec,
): (value: unknown) => boolean {
  const { canonical } = codec;
  if (typeof canonical === "function") return canonical;
  const known = checks.get(codec);
  if (known !== undefined) return known;
  const check = new Function("v", `return ${canonical};`);
  const isCanonical = (value: unknown): boolean => check(value);
  checks.set(codec, isCanonical);
  return isCanonical;
}

/** Whether the driver decoded a number. */
export function isNumeric(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
