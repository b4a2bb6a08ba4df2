import type { Field } from "./field.ts";
import type { AnyModel } from "./types.ts";

/** Caches the results of `create` by model and list of fields. */
export function cachedByFields<T>(
  create: (model: AnyModel, fields: readonly Field[]) => T,
): (model: AnyModel, fields: readonly Field[]) => T {
  const cache = new WeakMap<AnyModel, Map<string, T>>();
  return (model, fields) => {
    const key = fields === model.fields
      ? "*"
      : JSON.stringify(fields.map(({ name }) => name));
    let ofModel = cache.get(model);
    if (ofModel === undefined) cache.set(model, ofModel = new Map());
    const known = ofModel.get(key);
    if (known !== undefined) return known;
    const result = create(model, fields);
    ofModel.set(key, result);
    return result;
  };
}
