import { INFINITE_TIME, microsecondsOf } from "../../model/exact_date.ts";
import type { FieldType } from "../../model/field.ts";
import { float32Text, floatText } from "./float32_text.ts";
import { jsonText } from "./json_text.ts";

/** Returns the text of a value other than null. */
export type ToText = (value: unknown) => string;

/** Returns the function that writes the values of a type as plain text, as `load` reads them. */
export function plainText(type: FieldType): ToText {
  switch (type.kind) {
    case "float32":
      return float32Text;
    case "float64":
      return floatText;
    case "date":
      return dateText;
    case "bytes":
      // Base64 of no bytes is empty, which is null.
      return (value) =>
        String.raw`\x` + (value instanceof Uint8Array ? value.toHex() : "");
    case "json":
    case "array":
      return jsonOf(type);
    case "int16":
    case "int32":
    case "int64":
    case "boolean":
    case "uuid":
    case "string":
    case "enum":
      return String;
  }
}

/** Returns the function that writes the values of a type as JSON. What JSON has no form for is a text. */
export function jsonOf(type: FieldType): ToText {
  switch (type.kind) {
    case "float32":
    case "float64": {
      const textOf = plainText(type);
      return (value) =>
        Number.isFinite(value) ? textOf(value) : `"${textOf(value)}"`;
    }
    case "date":
      return (value) => `"${dateText(value)}"`;
    case "bytes":
      return (value) =>
        `"${value instanceof Uint8Array ? value.toBase64() : ""}"`;
    case "json":
      return jsonText;
    case "array": {
      const item = jsonOf(type.item);
      return (value) =>
        Array.isArray(value)
          ? `[${
            value.map((one) => one === null ? "null" : item(one)).join(",")
          }]`
          : jsonText(value);
    }
    case "int16":
    case "int32":
    case "int64":
    case "boolean":
      return String;
    case "uuid":
    case "string":
    case "enum":
      return JSON.stringify;
  }
}

/** ISO 8601 in UTC, with microseconds if the time has some. */
function dateText(value: unknown): string {
  if (!(value instanceof Date)) return String(value);
  const time = value.getTime();
  if (time === INFINITE_TIME) return "infinity";
  if (time === -INFINITE_TIME) return "-infinity";
  const text = value.toISOString();
  const microseconds = microsecondsOf(value) ?? 0;
  return microseconds === 0
    ? text
    : `${text.slice(0, -1)}${String(microseconds).padStart(3, "0")}Z`;
}
