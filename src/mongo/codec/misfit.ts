import type { Document } from "mongodb";
import { SchemaError } from "../../base/errors/mod.ts";
import type { Field, FieldType } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { itemRead, valueRead } from "./values.ts";

/** Characters of a stored text that a message shows. */
const SHOWN = 40;

/**
 * What a document's field holds, as rows have it.
 *
 * @throws {SchemaError} naming the field, what is wrong with it, and the row by as much of its key as was read
 */
export function valueOut(
  model: AnyModel,
  field: Field,
  value: unknown,
  document: Document,
): unknown {
  const missing = value === null || value === undefined;
  if (missing && field.nullable) return null;
  const out = missing ? undefined : valueRead(field.type, value);
  if (out !== undefined) return out;
  throw new SchemaError(
    `Cannot read ${model.name}: a document's ${field.column} ${
      missing ? "is missing, and it is required" : misfit(field.type, value)
    }${keyIn(model, document)}`,
    {
      differences: [
        missing
          ? `${model.table}.${field.column} is missing`
          : `${model.table}.${field.column} is no ${field.type.kind}`,
      ],
    },
  );
}

/** Which row it is, by as much of its key as was read. */
function keyIn(model: AnyModel, document: Document): string {
  const parts = model.fields.filter(({ name, column }) =>
    model.primaryKey.includes(name) && Object.hasOwn(document, column)
  ).map(({ name, column }) => `${name} ${document[column]}`);
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`;
}

function misfit(type: FieldType, value: unknown): string {
  if (type.kind === "array" && Array.isArray(value)) {
    const at = value.findIndex((item) => itemRead(type, item) === undefined);
    const item: unknown = value[at];
    return item === null || item === undefined
      ? `holds null at ${at}, where each must be ${withArticle(type.item.kind)}`
      : `at ${at} ${misfit(type.item, item)}`;
  }
  return `holds ${held(value)}, which is no ${
    type.kind === "enum" ? `enum of ${type.values.join(", ")}` : type.kind
  }`;
}

/** A number or a short text as it is, all else by its kind. */
function held(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    return `a ${typeof value}, ${shown(value)}`;
  }
  if (value instanceof Date) return "a date out of range";
  return withArticle(
    "_bsontype" in value ? String(value._bsontype) : value.constructor.name,
  );
}

function shown(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value.slice(0, SHOWN))
    : String(value);
}

function withArticle(noun: string): string {
  return `${/^[aeio]/i.test(noun) ? "an" : "a"} ${noun}`;
}
