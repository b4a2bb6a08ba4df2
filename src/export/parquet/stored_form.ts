import { microsecondsOf } from "../../model/exact_date.ts";
import type { FieldType } from "../../model/field.ts";
import { jsonText } from "../text/json_text.ts";

/** Returns the function that returns the stored form of values other than null. */
export function storedForm(type: FieldType): (value: unknown) => unknown {
  switch (type.kind) {
    case "date":
      return microseconds;
    case "json":
      return jsonText;
    case "int64":
      return (value) => typeof value === "number" ? BigInt(value) : value;
    case "array": {
      const item = storedForm(type.item);
      return (value) =>
        Array.isArray(value)
          ? value.map((one: unknown) => one === null ? null : item(one))
          : value;
    }
    default:
      return (value) => value;
  }
}

/** Microseconds since 1970-01-01 UTC. */
function microseconds(value: unknown): unknown {
  return value instanceof Date
    ? BigInt(value.getTime()) * 1000n + BigInt(microsecondsOf(value) ?? 0)
    : value;
}
