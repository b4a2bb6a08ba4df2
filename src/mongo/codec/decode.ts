import type { Document } from "mongodb";
import type { Field, FieldType } from "../../model/field.ts";
import { cachedByFields } from "../../model/cached_by_fields.ts";
import type { AnyModel } from "../../model/types.ts";
import { valueOut } from "./misfit.ts";

/** Makes a row of a model out of a document. */
export type RowDecoder = (document: Document) => object;

/**
 * The decoder of a model's rows with these fields, in this order. It is
 * written as JavaScript with the names in it, so that every row gets the same
 * hidden class; a value that already is what rows hold is only looked at.
 */
export const rowDecoder: (
  model: AnyModel,
  fields: readonly Field[],
) => RowDecoder = cachedByFields(compiled);

/** Makes a row of its values, one for each field. */
export type RowMaker = new (...values: readonly unknown[]) => object;

/** What makes a model's rows with these fields. */
export const rowMaker: (
  model: AnyModel,
  fields: readonly Field[],
) => RowMaker = cachedByFields((model, fields) => {
  const values = fields.map((_, place) => `v${place}`);
  const stores = fields.map(({ name }, place) =>
    `this[${JSON.stringify(name)}] = v${place};`
  );
  // Nothing but names, as JSON, and numbers goes into the text.
  const Row = new Function(
    `return function Row(${values.join(", ")}) { ${stores.join(" ")} };`,
  )();
  Row.prototype = model.prototype;
  return Row;
});

function compiled(model: AnyModel, fields: readonly Field[]): RowDecoder {
  const Row = rowMaker(model, fields);
  const readers = fields.map((field) => (value: unknown, document: Document) =>
    valueOut(model, field, value, document)
  );
  const stores = fields.map((field, place) => {
    const column = JSON.stringify(field.column);
    const value = field.column in Object.prototype
      ? `Object.hasOwn(d, ${column}) ? d[${column}] : null`
      : `d[${column}]`;
    return `t = ${value}; const v${place} = ${
      isReady(field)
    } ? t : read[${place}](t, d);`;
  });
  const values = fields.map((_, place) => `v${place}`);
  // Nothing but names, as JSON, and numbers goes into the text.
  const make = new Function(
    "Row",
    "read",
    `return function decode(d) { let t; ${stores.join(" ")} return new Row(${
      values.join(", ")
    }); };`,
  );
  return make(Row, readers);
}

/** The JavaScript that tells whether `t` can go into a row as it is. */
function isReady({ type, nullable }: Field): string {
  const check = READY[type.kind] ?? "false";
  return nullable ? `(t === null || ${check})` : `(${check})`;
}

/** By kind; what the others hold is looked at by a function. */
const READY: Readonly<Partial<Record<FieldType["kind"], string>>> = {
  int64: 'typeof t === "bigint"',
  int32: 'typeof t === "number" && (t | 0) === t',
  float32: 'typeof t === "number"',
  float64: 'typeof t === "number"',
  boolean: 'typeof t === "boolean"',
  string: 'typeof t === "string"',
};
