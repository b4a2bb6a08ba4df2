import type { Document } from "mongodb";
import { plainJson } from "../codec/values.ts";

/** An expression: whether what stands at a path is this JSON, whatever the order of its keys. */
export function jsonEquals(path: unknown, value: unknown): Document {
  return equals(path, plainJson(value));
}

function equals(path: unknown, value: unknown): Document {
  if (Array.isArray(value) && value.some(isObject)) {
    return guarded({ $isArray: [path] }, [
      { $eq: [{ $size: path }, { $literal: value.length }] },
      ...value.map((item, place) =>
        equals({ $arrayElemAt: [path, place] }, item)
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
      equals({ $getField: { field: { $literal: key }, input: path } }, item)
    ),
  ]);
}

/** Terms that would be an error where the guard does not hold. */
function guarded(guard: Document, terms: readonly Document[]): Document {
  return { $cond: [guard, { $and: terms }, false] };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
