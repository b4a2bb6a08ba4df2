import type { FieldType } from "../../model/field.ts";
import { fromText, type Refuse } from "./from_text.ts";

/**
 * Returns the value of a JSON value other than null. Values that JSON has no form
 * for are texts: dates, bytes, 64-bit integers, NaN and infinities. A value of a
 * wrong type is returned as it is: the model refuses it.
 */
export function fromJson(
  type: FieldType,
  value: unknown,
  refuse: Refuse,
): unknown {
  if (type.kind === "json") return value;
  if (type.kind === "array") {
    return Array.isArray(value)
      ? value.map((item, index) =>
        item === null ? null : fromJson(
          type.item,
          item,
          (reason) => refuse(`[${index}] ${reason}`),
        )
      )
      : value;
  }
  const isFloat = type.kind === "float32" || type.kind === "float64";
  if (isFloat && typeof value === "bigint") return Number(value);
  return typeof value === "string" ? fromText(type)(value, refuse) : value;
}
