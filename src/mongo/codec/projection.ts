import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";

/** A field's value in an expression. */
export function pathOf({ column }: Field): string {
  return `$${column}`;
}

/** The projection that gives these fields and nothing else; all of a document but an `_id` that is no field and what is derived where they are all of the model's. */
export function projectionOf(
  model: AnyModel,
  fields: readonly Field[],
): Document {
  const shown = fields === model.fields
    ? [...model.mongo.derived.keys()].map((name) => [name, 0])
    : fields.map(({ column }) => [column, 1]);
  const id = fields.some(({ column }) => column === "_id");
  return { ...Object.fromEntries(shown), ...(id ? {} : { _id: 0 }) };
}
