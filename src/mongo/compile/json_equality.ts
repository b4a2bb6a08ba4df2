import type { Document } from "mongodb";
import { encodeJson } from "../codec/json.ts";
import { isHuge } from "../codec/json_parts.ts";

/** An expression that is true if the value at a path equals a JSON value, whatever the order of its keys. */
export function jsonEquality(path: unknown, value: unknown): Document {
  return equality(path, encodeJson(value));
}

function equality(path: unknown, value: unknown): Document {
  if (isHuge(value)) return hugeEquality(path, value);
  if (
    Array.isArray(value) && value.some((item) => isObject(item) || isHuge(item))
  ) {
    return guarded({ $isArray: [path] }, [
      { $eq: [{ $size: path }, { $literal: value.length }] },
      ...value.map((item, index) =>
        equality({ $arrayElemAt: [path, index] }, item)
      ),
    ]);
  }
  if (!isObject(value) || Array.isArray(value)) {
    return { $eq: [path, { $literal: value }] };
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return guarded({ $eq: [{ $type: path }, { $literal: "object" }] }, [
    {
      $eq: [{ $size: { $objectToArray: path } }, { $literal: entries.length }],
    },
    ...entries.map(([key, item]) =>
      equality({ $getField: { field: { $literal: key }, input: path } }, item)
    ),
  ]);
}

/** Compares with an integer beyond 64 bits: only a double can equal it. */
function hugeEquality(path: unknown, value: bigint): Document {
  const number = Number(value);
  return Number.isFinite(number) && BigInt(number) === value
    ? { $eq: [path, { $literal: number }] }
    : { $literal: false };
}

/** Evaluates the terms only if the guard is true; otherwise they would fail. */
function guarded(guard: Document, terms: readonly Document[]): Document {
  return { $cond: [guard, { $and: terms }, false] };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
