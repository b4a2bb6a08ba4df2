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
    const ofModel = cache.get(model) ?? new Map<string, T>();
    cache.set(model, ofModel);
    const result = ofModel.get(key) ?? create(model, fields);
    ofModel.set(key, result);
    return result;
  };
}
