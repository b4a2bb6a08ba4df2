import { BSON, type Document } from "mongodb";
import { ValidationError } from "../../base/errors/mod.ts";
import type { Field, FieldType } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";

/** Bytes of a document from which MongoDB, or its driver, does not take it, and those of the `_id` that the server puts into it. */
const LIMIT = 16 << 20;
const ID = 17;
/** Bytes of text that a UTF-16 unit takes at most. */
const UNIT = 3;
/** Bytes that leave room for a document's names, and for all values of a few bytes. */
const SLACK = 1 << 20;
/** Bytes of a value of no text, in an array with its place. */
const ITEM = 32;
/** Levels of lists and objects in a field that MongoDB keeps at most: a document has 180, and is the first. */
const LEVELS = 179;

/**
 * What refuses a row, or a change of one, that MongoDB would find too large or
 * too deep. Only text, JSON and arrays can make it so; they are measured
 * roughly, and the document exactly where it could be. Undefined where none of
 * a model's can.
 */
export function sizeCheck(
  model: AnyModel,
): ((document: Document, index: number) => void) | undefined {
  const open = model.fields.filter(({ type }) => isOpen(type));
  const flat = SLACK + model.fields.length * ITEM;
  if (open.length === 0) return undefined;
  return (document, index) => {
    let most = flat;
    for (const { column } of open) most += roughly(document[column]);
    if (most < LIMIT) return;
    const deep = open.find(({ column }) =>
      roughly(document[column]) === Infinity
    );
    if (deep !== undefined) throw refused(model, deep, document, index, DEEP);
    const size = BSON.calculateObjectSize(document) + ID;
    if (size < LIMIT) return;
    const [largest] = open.toSorted((left, right) =>
      roughly(document[right.column]) - roughly(document[left.column])
    );
    throw refused(
      model,
      largest,
      document,
      index,
      `makes it a document of ${size} bytes, and MongoDB takes less than 16 MB, ${LIMIT} bytes`,
    );
  };
}

const DEEP =
  `is nested deeper than ${LEVELS} levels, the most that MongoDB keeps`;

function refused(
  { name }: AnyModel,
  field: Field | undefined,
  document: Document,
  index: number,
  reason: string,
): ValidationError {
  return new ValidationError(name, [{
    index,
    field: field?.name ?? "",
    value: document[field?.column ?? ""],
    reason,
  }]);
}

function isOpen({ kind }: FieldType): boolean {
  return kind === "string" || kind === "json" || kind === "array";
}

/** The bytes that a value takes at most; no number of them will do where it is too deep. */
function roughly(value: unknown, levels = LEVELS): number {
  if (typeof value === "string") return ITEM + value.length * UNIT;
  if (typeof value !== "object" || value === null) return ITEM;
  if (value instanceof Date) return ITEM;
  if (levels === 0) return Infinity;
  let most = ITEM;
  if (Array.isArray(value)) {
    for (const item of value) most += roughly(item, levels - 1);
    return most;
  }
  const entries = value instanceof Map ? value : Object.entries(value);
  for (const [key, item] of entries) {
    most += key.length * UNIT + roughly(item, levels - 1);
  }
  return most;
}
