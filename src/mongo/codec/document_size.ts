import type { Document } from "mongodb";
import { BSON } from "../link/mongodb.ts";
import { ValidationError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { cachedByModel } from "../../model/cached_by_model.ts";
import type { AnyModel } from "../../model/types.ts";
import { codecOf } from "./field_codec.ts";

/** MongoDB and its driver refuse documents of this many bytes or more. */
const MAX_SIZE = 16 << 20;
/** Bytes of the `_id` that the server adds. */
const ID_SIZE = 17;
/** The most bytes that one UTF-16 unit takes in UTF-8. */
const UNIT_SIZE = 3;
/** Bytes reserved for the names in a document and all small values. */
const SLACK = 1 << 20;
/** The most bytes of a small value in an array, with its index. */
const ITEM_SIZE = 32;
/** The most levels of lists and objects in a field: MongoDB stores 180 levels, and the document is the first. */
const MAX_LEVELS = 179;

/**
 * A function that throws a `ValidationError` if a document, or the changes of
 * one, are too large or nested too deep for MongoDB. It estimates the size of
 * text, JSON and arrays, and measures the document only if the estimate is too
 * large. Returns undefined if no document of the model can be too large.
 */
export const sizeAssertion: (
  model: AnyModel,
) => ((document: Document, index: number) => void) | undefined = cachedByModel(
  (model) => {
    const unbounded = model.fields.filter(({ type }) =>
      codecOf(type).isUnbounded
    );
    const bounded = SLACK + model.fields.length * ITEM_SIZE;
    if (unbounded.length === 0) return undefined;
    return (document, index) => {
      let estimate = bounded;
      for (const { column } of unbounded) estimate += maxSize(document[column]);
      if (estimate < MAX_SIZE) return;
      const refuse = (field: Field | undefined, reason: string): never => {
        const value: unknown = document[field?.column ?? ""];
        throw new ValidationError(model.name, [{
          index,
          field: field?.name ?? "",
          value,
          reason,
        }]);
      };
      const deep = unbounded.find(({ column }) =>
        maxSize(document[column]) === Infinity
      );
      if (deep !== undefined) refuse(deep, TOO_DEEP);
      const size = BSON.calculateObjectSize(document) + ID_SIZE;
      if (size < MAX_SIZE) return;
      const [largest] = unbounded.toSorted((left, right) =>
        maxSize(document[right.column]) - maxSize(document[left.column])
      );
      refuse(
        largest,
        `makes the document ${size} bytes long, but MongoDB documents must be smaller than 16 MB (${MAX_SIZE} bytes)`,
      );
    };
  },
);

const TOO_DEEP =
  `is nested deeper than ${MAX_LEVELS} levels, the limit of MongoDB`;

/** The most bytes that a value takes; infinite if it is nested too deep. */
function maxSize(value: unknown, levels = MAX_LEVELS): number {
  if (typeof value === "string") return ITEM_SIZE + value.length * UNIT_SIZE;
  if (typeof value !== "object" || value === null) return ITEM_SIZE;
  if (value instanceof Date) return ITEM_SIZE;
  if (levels === 0) return Infinity;
  let size = ITEM_SIZE;
  if (Array.isArray(value)) {
    for (const item of value) size += maxSize(item, levels - 1);
    return size;
  }
  const entries = value instanceof Map ? value : Object.entries(value);
  for (const [key, item] of entries) {
    size += key.length * UNIT_SIZE + maxSize(item, levels - 1);
  }
  return size;
}
