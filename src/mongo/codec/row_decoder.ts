import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import { cachedByFields } from "../../model/cached_by_fields.ts";
import type { AnyModel } from "../../model/types.ts";
import { decodeField } from "./decode_field.ts";
import { codecOf } from "./field_codec.ts";

/** Decodes a document as a row of a model. */
export type RowDecoder = (document: Document) => object;

/** The class of a model's rows, constructed from one value per field. */
export type RowClass = new (...values: readonly unknown[]) => object;

/** The class of a model's rows with these fields, in this order. */
export const rowClass: (
  model: AnyModel,
  fields: readonly Field[],
) => RowClass = cachedByFields((model, fields) => {
  const values = fields.map((_, index) => `v${index}`);
  const stores = fields.map(({ name }, index) =>
    `this[${JSON.stringify(name)}] = v${index};`
  );
  // The source contains numbers, and names as JSON.
  const Row = new Function(
    `return function Row(${values.join(", ")}) { ${stores.join(" ")} };`,
  )();
  Row.prototype = model.prototype;
  return Row;
});

/**
 * The decoder of a model's rows with these fields. The generated JavaScript
 * gives every row the same hidden class, and copies a value that needs no
 * decoding after one check of its type.
 */
export const rowDecoder: (
  model: AnyModel,
  fields: readonly Field[],
) => RowDecoder = cachedByFields((model, fields) => {
  const Row = rowClass(model, fields);
  const decoders = fields.map((field) =>
  (
    value: unknown,
    document: Document,
  ) => decodeField(model, field, value, document));
  const reads = fields.map((field, index) => {
    const column = JSON.stringify(field.column);
    const value = field.column in Object.prototype
      ? `Object.hasOwn(d, ${column}) ? d[${column}] : null`
      : `d[${column}]`;
    const { decoded } = codecOf(field.type);
    const isDecoded = field.nullable ? `t === null || ${decoded}` : decoded;
    return `t = ${value}; const v${index} = (${isDecoded}) ? t : decoders[${index}](t, d);`;
  });
  const values = fields.map((_, index) => `v${index}`);
  // The source contains the codecs' expressions, numbers, and names as JSON.
  const create = new Function(
    "Row",
    "decoders",
    `return function decode(d) { let t; ${reads.join(" ")} return new Row(${
      values.join(", ")
    }); };`,
  );
  return create(Row, decoders);
});
