import { ModelError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed, keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";

/** Whether a field may hold an array, of which MongoDB's indexes see the items alone. */
export function mayHoldArrays({ type }: Field): boolean {
  return type.kind === "array" || type.kind === "json";
}

/**
 * Refuses a unique key that MongoDB cannot keep: of arrays it would keep the
 * items apart, so that rows with an item in common were taken for one.
 *
 * @throws {ModelError} naming the field
 */
export function refuseUnkeyable(
  { table }: AnyModel,
  fields: readonly Field[],
): void {
  const wrong = fields.find(mayHoldArrays);
  if (wrong === undefined) return;
  const key = fields.map(({ name }) => name).join(", ");
  const what = wrong.type.kind === "array" ? "an array" : "JSON";
  throw new ModelError(
    `Cannot keep a unique key. ${table}: the key (${key}) is over ${wrong.name}, which is ${what}; MongoDB would keep apart the items of arrays, not the arrays`,
  );
}

const checked = new WeakSet<AnyModel>();

/** The same for every key of a model, looked at once. */
export function refuseUnkeyableKeys(model: AnyModel): void {
  if (checked.has(model)) return;
  for (const key of keysOf(model)) {
    refuseUnkeyable(model, fieldsNamed(model, key));
  }
  checked.add(model);
}
