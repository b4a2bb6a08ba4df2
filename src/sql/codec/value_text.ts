import { codecOf, itemsOf, type Typed } from "./kinds.ts";

/** Writes a value as PostgreSQL reads it, with every setting of the session. */
export function writeText(field: Typed, value: unknown): string {
  if (field.type.kind !== "array") return codecOf(field).write(value);
  return writeArrayText(itemsOf(field), Array.isArray(value) ? value : [value]);
}

/** Writes values of a field as the text of a PostgreSQL array. */
export function writeArrayText(
  field: Typed,
  values: readonly unknown[],
): string {
  const items = values.map((value) =>
    value === null || value === undefined
      ? "NULL"
      : quotedItem(writeText(field, value))
  );
  return `{${items.join(",")}}`;
}

function quotedItem(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
