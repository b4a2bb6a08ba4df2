import type { Document } from "mongodb";
import { cachedByFields } from "../../model/cached_by_fields.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";

/**
 * A function that copies the values of these fields from a document that has
 * all of them. The generated JavaScript gives every copy the same hidden class.
 * It is a constructor: if many objects of a literal live until they are sent,
 * V8 allocates all later ones among its old objects, where garbage stays long.
 */
export const fieldCopier: (
  model: AnyModel,
  fields: readonly Field[],
) => (document: Document) => Document = cachedByFields((_model, fields) => {
  const stores = fields.map(({ column }) => {
    const name = JSON.stringify(column);
    return `this[${name}] = d[${name}];`;
  });
  // The source contains names as JSON only.
  const create = new Function(
    `function Copy(d) { ${stores.join(" ")} }
    Copy.prototype = Object.prototype;
    return (d) => new Copy(d);`,
  );
  return create();
});
