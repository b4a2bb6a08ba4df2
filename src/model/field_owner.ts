import type { Field } from "./field.ts";
import type { AnyModel } from "./types.ts";

const owners = new WeakMap<Field, () => AnyModel>();

/** Records the model of a field. */
export function setOwner(field: Field, model: () => AnyModel): void {
  owners.set(field, model);
}

/** Returns the model of a field; undefined for a field that no model lists. */
export function ownerOf(field: Field): AnyModel | undefined {
  return owners.get(field)?.();
}
