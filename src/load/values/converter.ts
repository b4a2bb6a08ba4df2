import type { Field } from "../../model/field.ts";
import { fromJson } from "./from_json.ts";
import { type FromText, fromText, toJson } from "./from_text.ts";

/** Returns the function that converts the texts of a field. */
export function textConverter({ type }: Field): FromText {
  if (type.kind !== "array") return fromText(type);
  return (text, refuse) => {
    const value = toJson(text, () => undefined);
    return Array.isArray(value)
      ? fromJson(type, value, refuse)
      : refuse(`must be a JSON array, such as ["a","b"]`);
  };
}
