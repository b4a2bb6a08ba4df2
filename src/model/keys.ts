import type { Field } from "./field.ts";
import type { AnyModel } from "./types.ts";

/** The unique keys of a model, the primary one first. */
export function keysOf(model: AnyModel): readonly (readonly string[])[] {
  const unique = [
    ...model.unique,
    ...model.indexes.flatMap((index) =>
      index.unique && index.where === undefined &&
        index.fields.every((part) => typeof part === "string")
        ? [index.fields.filter((part) => typeof part === "string")]
        : []
    ),
  ];
  return model.primaryKey.length > 0
    ? [model.primaryKey.map(String), ...unique]
    : unique;
}

/** A model's fields of these names, as its keys list them. */
export function fieldsNamed(
  model: AnyModel,
  names: readonly PropertyKey[],
): Field[] {
  return names.flatMap((name) => model.byName.get(String(name)) ?? []);
}

/** Keys as errors list them: `(candid, oid) or (objectId)`. */
export function keyList(keys: readonly (readonly string[])[]): string {
  return keys.map((key) => `(${key.join(", ")})`).join(" or ");
}
