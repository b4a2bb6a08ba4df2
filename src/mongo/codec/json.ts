/**
 * Encodes a JSON value as plain JSON. Objects with a `_bsontype` key become
 * maps, which the driver writes unchanged; it would take the objects for BSON
 * types of its own.
 */
export function encodeJson(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const text = JSON.stringify(value);
  return JSON.parse(
    text,
    text.includes('"_bsontype"')
      ? (_key, inner) =>
        isTagged(inner) ? new Map(Object.entries(inner)) : inner
      : undefined,
  );
}

/** Decodes a stored JSON value: JSON has one kind of number, dates are text, and no BSON types. */
export function decodeJson(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.map(decodeJson);
  // Keys such as $ref make the driver read a DBRef; its toJSON returns the original keys.
  const plain: object = "_bsontype" in value && "toJSON" in value &&
      typeof value.toJSON === "function"
    ? value.toJSON()
    : value;
  if (typeof plain !== "object") return plain;
  return Object.fromEntries(
    Object.entries(plain).map(([key, item]) => [key, decodeJson(item)]),
  );
}

function isTagged(value: unknown): value is object {
  return typeof value === "object" && value !== null && "_bsontype" in value;
}
