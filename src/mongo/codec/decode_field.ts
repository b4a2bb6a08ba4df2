import type { Document } from "mongodb";
import { Binary } from "../link/mongodb.ts";
import { SchemaError } from "../../base/errors/mod.ts";
import type { Field, FieldType } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { codecOf, decodeItem } from "./field_codec.ts";
import { isNumeric } from "./kinds.ts";
import { findForeignPart } from "./json_parts.ts";

/** The longest stored text, in characters, that a message quotes in full. */
const QUOTED = 40;

/**
 * Decodes the stored value of a field.
 *
 * @throws {SchemaError} if it does not fit the field, with the field, the reason, and the row's key as far as it was read
 */
export function decodeField(
  model: AnyModel,
  field: Field,
  value: unknown,
  document: Document,
): unknown {
  const isMissing = value === null || value === undefined;
  if (isMissing && field.nullable) return null;
  const decoded = isMissing ? undefined : codecOf(field.type).decode(value);
  if (decoded !== undefined) return decoded;
  const name = `${model.table}.${field.column}`;
  throw misfitError(
    model,
    field,
    document,
    isMissing
      ? `${field.column} is required, but the document has no value for it`
      : `${field.column}${mismatchText(field.type, value)}`,
    isMissing
      ? `${name} is missing`
      : `${name} is not ${withArticle(field.type.kind)}`,
  );
}

/** The error about a stored text that is not valid UTF-8. */
export function invalidTextError(
  model: AnyModel,
  field: Field,
  document: Document,
): SchemaError {
  return misfitError(
    model,
    field,
    document,
    `${field.column} contains text that is not valid UTF-8`,
    `${model.table}.${field.column} is not valid UTF-8`,
  );
}

function misfitError(
  model: AnyModel,
  { name }: Field,
  document: Document,
  problem: string,
  difference: string,
): SchemaError {
  return new SchemaError(
    `Cannot read ${model.name}${keyText(model, document)}: ${problem}`,
    { differences: [difference], model: model.name, field: name },
  );
}

/** The row's key, as far as it was read. */
function keyText(model: AnyModel, document: Document): string {
  const parts = model.fields.filter(({ name, column }) =>
    model.primaryKey.includes(name) && Object.hasOwn(document, column)
  ).map(({ name, column }) => `${name} ${document[column]}`);
  return parts.length === 0 ? "" : ` with ${parts.join(", ")}`;
}

/** The part of a value that does not fit, and why: ` must be …`, `.candid holds …`. */
function mismatchText(type: FieldType, value: unknown): string {
  if (type.kind === "array" && Array.isArray(value)) {
    const codec = codecOf(type.item);
    const index = value.findIndex((item) =>
      decodeItem(codec, type.nullableItems, item) === undefined
    );
    const item: unknown = value[index];
    return item === null || item === undefined
      ? ` item ${index} is null, but must be ${withArticle(type.item.kind)}`
      : ` item ${index}${mismatchText(type.item, item)}`;
  }
  if (type.kind === "json") {
    const part = findForeignPart(value) ?? { path: "", value };
    return `${part.path} holds ${
      valueText(part.value)
    }, which JSON does not have. Leave the field out with select, or read the document with db.collection()`;
  }
  const expected = type.kind === "enum"
    ? `one of ${type.values.join(", ")}`
    : withArticle(type.kind);
  return ` must be ${expected}, but holds ${valueText(value)}${
    hint(type, value)
  }`;
}

/** What to do if a value almost fits. */
function hint({ kind }: FieldType, value: unknown): string {
  if (kind === "float32" && isNumeric(value)) {
    return ", which single precision would round. Declare the field as z.float64()";
  }
  if (kind === "float64" && typeof value === "bigint") {
    return ", which a number would round. Declare the field as z.int64()";
  }
  if (kind === "bytes" && value instanceof Binary) {
    return ` of subtype ${value.sub_type}`;
  }
  return kind === "uuid" && typeof value === "string" &&
      codecOf({ kind }).decode(value.toLowerCase()) !== undefined
    ? ". MongoDB compares the text, so it must be in lower case"
    : "";
}

/** A number or a short text literally, any other value by its type. */
function valueText(value: unknown): string {
  if (typeof value === "string") {
    return `the string ${JSON.stringify(value.slice(0, QUOTED))}`;
  }
  if (value instanceof Date) {
    const time = value.getTime();
    return Number.isNaN(time)
      ? "a date out of range"
      : `the date ${value.toISOString()}`;
  }
  if (typeof value !== "object" || value === null) {
    return `the ${typeof value} ${value}`;
  }
  return withArticle(
    "_bsontype" in value ? String(value._bsontype) : value.constructor.name,
  );
}

function withArticle(noun: string): string {
  if (noun === "bytes") return noun;
  return `${/^[aeio]/i.test(noun) ? "an" : "a"} ${noun}`;
}
