import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";

/** Returns a row with only the given fields. */
export function rowPart(
  { prototype }: AnyModel,
  row: object,
  fields: readonly Field[],
): object {
  const part: object = Object.create(prototype);
  for (const { name } of fields) {
    Reflect.set(part, name, Reflect.get(row, name));
  }
  return part;
}
