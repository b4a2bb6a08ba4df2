import { LimitError } from "../../base/errors/mod.ts";
import { codecOf, itemsOf, type Typed } from "./kinds.ts";

/** Writes a value as PostgreSQL reads it, with every setting of the session. */
export function writeText(field: Typed, value: unknown): string {
  if (field.type.kind !== "array") return codecOf(field).write(value);
  return writeArrayText(itemsOf(field), Array.isArray(value) ? value : [value]);
}

/** The most UTF-16 units of a string in V8. */
const MAX_TEXT = 2 ** 29 - 24;

/**
 * Writes values of a field as the text of a PostgreSQL array.
 *
 * @throws {LimitError} if no string can hold it
 */
export function writeArrayText(
  field: Typed,
  values: readonly unknown[],
): string {
  let length = 0;
  const items = values.map((value) => {
    const item = value === null || value === undefined
      ? "NULL"
      : quotedItem(writeText(field, value));
    length += item.length + 1;
    if (length >= MAX_TEXT) {
      throw new LimitError(
        `Cannot send the values: as one list they have more than ${MAX_TEXT} characters. Pass fewer per call. Nothing was sent`,
        { limit: "characters", allowed: MAX_TEXT },
      );
    }
    return item;
  });
  return `{${items.join(",")}}`;
}

function quotedItem(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
