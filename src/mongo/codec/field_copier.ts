import type { Document } from "mongodb";
import { cachedByFields } from "../../model/cached_by_fields.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";

/** A function that copies the values of these fields from a document that has all of them. The generated JavaScript gives every copy the same hidden class. */
export const fieldCopier: (
  model: AnyModel,
  fields: readonly Field[],
) => (document: Document) => Document = cachedByFields((_model, fields) => {
  const values = fields.map(({ column }) => {
    const name = JSON.stringify(column);
    return `[${name}]: d[${name}]`;
  });
  // The source contains names as JSON only.
  const copy = new Function("d", `return { ${values.join(", ")} };`);
  return (document) => copy(document);
});
