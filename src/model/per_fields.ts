import type { Field } from "./field.ts";
import type { AnyModel } from "./types.ts";

/** Makes something once for each model and list of its fields, and gives the same one again. */
export function perFields<T>(
  make: (model: AnyModel, fields: readonly Field[]) => T,
): (model: AnyModel, fields: readonly Field[]) => T {
  const made = new WeakMap<AnyModel, Map<string, T>>();
  return (model, fields) => {
    const key = fields === model.fields
      ? "*"
      : JSON.stringify(fields.map(({ name }) => name));
    const known = made.get(model) ?? new Map<string, T>();
    made.set(model, known);
    const one = known.get(key) ?? make(model, fields);
    known.set(key, one);
    return one;
  };
}
