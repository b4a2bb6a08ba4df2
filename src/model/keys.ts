import { cachedByModel } from "./cached_by_model.ts";
import type { Field } from "./field.ts";
import type { AnyModel } from "./types.ts";

/** The unique keys of a model, the primary key first. Unique indexes count, except partial ones and those on expressions. */
export const keysOf: (
  model: AnyModel,
) => readonly (readonly string[])[] = cachedByModel((model) => {
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
});

/** Whether an index of the model finds the rows with given values of these fields. */
export function isIndexed(
  model: AnyModel,
  fields: readonly Field[],
): boolean {
  const names = new Set(fields.map(({ name }) => name));
  const covers = (parts: readonly unknown[]): boolean =>
    parts.length >= names.size &&
    parts.slice(0, names.size).every((part) => names.has(String(part)));
  return keysOf(model).some(covers) ||
    model.indexes.some(({ using = "btree", where, fields: parts }) =>
      where === undefined &&
      (using === "btree" || (using === "hash" && parts.length === 1)) &&
      covers(
        parts.map((part) =>
          typeof part === "object" && "field" in part ? part.field : part
        ),
      )
    );
}

/** The fields of these names, in that order. */
export function fieldsNamed(
  model: AnyModel,
  names: readonly PropertyKey[],
): Field[] {
  return names.flatMap((name) => model.byName.get(String(name)) ?? []);
}

/** A text that lists keys: `(candid, oid) or (objectId)`. */
export function keyListText(keys: readonly (readonly string[])[]): string {
  return keys.map((key) => `(${key.join(", ")})`).join(" or ");
}
