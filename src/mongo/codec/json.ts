import { setMember } from "../../base/set_member.ts";
import { decodeInteger } from "./bson/json_reader.ts";

/**
 * Encodes a JSON value as documents hold it: a bigint is a long. Objects with a
 * `_bsontype` key become maps, which the driver writes unchanged; it would take
 * the objects for BSON types of its own.
 */
export function encodeJson(value: unknown): unknown {
  return encode(value, "") ?? null;
}

/** Encodes as `JSON.stringify` does, except that a bigint stays; returns undefined if JSON leaves the value out. */
function encode(given: unknown, key: string): unknown {
  const value = plain(given, key);
  if (typeof value !== "object" || value === null) {
    if (typeof value !== "number" || Number.isFinite(value)) return value;
    // Only a toJSON method can return such a number.
    return null;
  }
  if (Array.isArray(value)) {
    return Array.from(
      value,
      (item, index) => encode(item, String(index)) ?? null,
    );
  }
  const encoded: Record<string, unknown> = {};
  let isMap = false;
  for (const [name, inner] of Object.entries(value)) {
    const part = encode(inner, name);
    if (part === undefined) continue;
    if (name === "_bsontype") isMap = true;
    setMember(encoded, name, part);
  }
  return isMap ? new Map(Object.entries(encoded)) : encoded;
}

/** Returns the result of a value's `toJSON` method; undefined for a function or a symbol. */
function plain(value: unknown, key: string): unknown {
  if (typeof value === "function" || typeof value === "symbol") {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return value;
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return value.toJSON(key);
  }
  return value instanceof Number || value instanceof String ||
      value instanceof Boolean
    ? value.valueOf()
    : value;
}

/** Decodes a stored JSON value as the driver returns it; undefined if a part of it is not JSON. */
export function decodeJson(value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return decodeInteger(value);
    case "number":
      return Number.isFinite(value) ? value : undefined;
    case "object":
      break;
    default:
      return value;
  }
  if (value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(decodeJson);
    return items.includes(undefined) ? undefined : items;
  }
  const entries = membersOf(value);
  if (entries === undefined) return undefined;
  const decoded: Record<string, unknown> = {};
  for (const [name, inner] of entries) {
    const part = decodeJson(inner);
    if (part === undefined) return undefined;
    setMember(decoded, name, part);
  }
  return decoded;
}

/** The members of an object or a list; undefined for a BSON type that JSON does not have. */
export function membersOf(value: object): [string, unknown][] | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (
    prototype === Object.prototype || prototype === Array.prototype ||
    prototype === null
  ) return Object.entries(value);
  if (value instanceof Map) return [...value];
  // Keys such as $ref make the driver read a DBRef; its toJSON returns the original keys.
  if (
    "_bsontype" in value && value._bsontype === "DBRef" && "toJSON" in value &&
    typeof value.toJSON === "function"
  ) return Object.entries(Object(value.toJSON()));
  return undefined;
}
