import { ModelError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed, keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { codecOf } from "./field_codec.ts";

/** Whether a field may hold an array; MongoDB indexes its items instead of the array. */
export function mayHoldArrays({ type }: Field): boolean {
  return codecOf(type).holdsArrays;
}

/**
 * Refuses a unique key over a field that may hold arrays: MongoDB would treat
 * two arrays with a common item as duplicates.
 *
 * @throws {ModelError} with the field
 */
export function refuseArrayKey(
  { table }: AnyModel,
  fields: readonly Field[],
): void {
  const wrong = fields.find(mayHoldArrays);
  if (wrong === undefined) return;
  const key = fields.map(({ name }) => name).join(", ");
  const type = wrong.type.kind === "array" ? "an array" : "JSON";
  throw new ModelError(
    `Cannot enforce the unique key (${key}) of ${table}: ${wrong.name} is ${type}, and a unique index of MongoDB compares the items of arrays, not whole arrays. Remove the field from the key`,
  );
}

const checked = new WeakSet<AnyModel>();

/** Checks every key of a model with {@link refuseArrayKey}, once per model. */
export function refuseArrayKeys(model: AnyModel): void {
  if (checked.has(model)) return;
  for (const key of keysOf(model)) {
    refuseArrayKey(model, fieldsNamed(model, key));
  }
  checked.add(model);
}
