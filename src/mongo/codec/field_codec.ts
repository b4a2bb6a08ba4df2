import type { FieldType } from "../../model/field.ts";
import * as bson from "./bson/value_source.ts";
import { type FieldCodec, SCALAR, SCALARS } from "./kinds.ts";

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
    refusal: undefined,
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

/** Whether documents hold the values of a type as text, which a collation compares. */
export function isText(type: FieldType): boolean {
  return codecOf(type).bsonTypes.includes("string");
}
