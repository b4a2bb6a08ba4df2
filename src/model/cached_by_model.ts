import type { AnyModel } from "./types.ts";

/** Caches the result of `create` by model. */
export function cachedByModel<T>(
  create: (model: AnyModel) => T,
): (model: AnyModel) => T {
  const cache = new WeakMap<AnyModel, { readonly value: T }>();
  return (model) => {
    const known = cache.get(model);
    if (known !== undefined) return known.value;
    const value = create(model);
    cache.set(model, { value });
    return value;
  };
}
