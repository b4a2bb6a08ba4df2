import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import { holdsMicroseconds } from "../../model/microseconds.ts";
import { cachedByModel } from "../../model/cached_by_model.ts";
import type { AnyModel } from "../../model/types.ts";
import { codecOf } from "./field_codec.ts";
import { fieldCopier } from "./field_copier.ts";

/**
 * A function that returns whether a row can be sent unchanged: it has every
 * field, in canonical form, and nothing else. If it has not, the row may still
 * be valid. Returns undefined if no row of the model can be sent unchanged.
 * The generated JavaScript takes a third of the time of a loop over fields.
 */
export const canonicalRowCheck: (
  model: AnyModel,
) => ((row: object) => boolean) | undefined = cachedByModel((model) => {
  const { fields } = model;
  if (fields.some(isNeverUnchanged)) return undefined;
  const checks = fields.map(({ type }) => codecOf(type).canonical);
  const lines = fields.map(({ name, nullable }, index) => {
    const source = checks[index];
    const check = typeof source === "string" ? source : `checks[${index}](v)`;
    const isCanonical = nullable ? `v === null || (${check})` : check;
    return `v = r[${
      JSON.stringify(name)
    }]; if (!(${isCanonical})) return false;`;
  });
  // The source contains the codecs' expressions, numbers, and names as JSON.
  const create = new Function(
    "checks",
    `return function isCanonical(r) { let v; ${
      lines.join(" ")
    } return Object.keys(r).length === ${fields.length}; };`,
  );
  return create(checks);
});

/**
 * A function that returns a copy of a row if it could be sent unchanged. The
 * copy is checked, not the row, whose getters may return other values later.
 */
export const canonicalRowCopier: (
  model: AnyModel,
) => ((row: object) => Document | undefined) | undefined = cachedByModel(
  (model) => {
    const { fields } = model;
    const isCanonical = canonicalRowCheck(model);
    if (isCanonical === undefined) return undefined;
    const copy = fieldCopier(model, fields);
    return (row) => {
      if (Object.keys(row).length !== fields.length) return undefined;
      const document = copy(row);
      return isCanonical(document) ? document : undefined;
    };
  },
);

/** Whether a field has another name in documents, rules beyond its type, or the name of a property of every object. */
function isNeverUnchanged(field: Field): boolean {
  const { name, column, refine } = field;
  return name !== column || refine !== undefined ||
    name in Object.prototype || holdsMicroseconds(field);
}
