import type { Document } from "mongodb";
import { SchemaError } from "../../base/errors/mod.ts";
import type { Field, FieldType } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { codecOf, decodeItem } from "./field_codec.ts";

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
  throw new SchemaError(
    `Cannot read ${model.name}${keyText(model, document)}: ${field.column} ${
      isMissing
        ? "is required, but the document has no value for it"
        : mismatchText(field.type, value)
    }`,
    {
      differences: [
        isMissing
          ? `${name} is missing`
          : `${name} is not ${withArticle(field.type.kind)}`,
      ],
    },
  );
}

/** The row's key, as far as it was read. */
function keyText(model: AnyModel, document: Document): string {
  const parts = model.fields.filter(({ name, column }) =>
    model.primaryKey.includes(name) && Object.hasOwn(document, column)
  ).map(({ name, column }) => `${name} ${document[column]}`);
  return parts.length === 0 ? "" : ` with ${parts.join(", ")}`;
}

function mismatchText(type: FieldType, value: unknown): string {
  if (type.kind === "array" && Array.isArray(value)) {
    const codec = codecOf(type.item);
    const index = value.findIndex((item) =>
      decodeItem(codec, type.nullableItems, item) === undefined
    );
    const item: unknown = value[index];
    return item === null || item === undefined
      ? `item ${index} is null, but must be ${withArticle(type.item.kind)}`
      : `item ${index} ${mismatchText(type.item, item)}`;
  }
  const expected = type.kind === "enum"
    ? `one of ${type.values.join(", ")}`
    : withArticle(type.kind);
  return `must be ${expected}, but holds ${valueText(value)}`;
}

/** A number or a short text literally, any other value by its type. */
function valueText(value: unknown): string {
  if (typeof value === "string") {
    return `the string ${JSON.stringify(value.slice(0, QUOTED))}`;
  }
  if (typeof value !== "object" || value === null) {
    return `the ${typeof value} ${value}`;
  }
  if (value instanceof Date) return "a date out of range";
  return withArticle(
    "_bsontype" in value ? String(value._bsontype) : value.constructor.name,
  );
}

function withArticle(noun: string): string {
  return `${/^[aeio]/i.test(noun) ? "an" : "a"} ${noun}`;
}
