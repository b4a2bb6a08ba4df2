import { setMember } from "../../../base/set_member.ts";
import { decodeUtf8 } from "./decode_utf8.ts";
import { valueSize } from "./elements.ts";

/**
 * Reads a JSON value at a position.
 *
 * @returns undefined if a part of it has a BSON type that JSON does not have, or is NaN or infinite
 */
export function readJson(
  type: number | undefined,
  bytes: Uint8Array,
  view: DataView,
  position: number,
): unknown {
  switch (type) {
    case 0x01: {
      const value = view.getFloat64(position, true);
      return Number.isFinite(value) ? value : undefined;
    }
    case 0x02: {
      const size = view.getInt32(position, true);
      return decodeUtf8(bytes, position + 4, position + 3 + size);
    }
    case 0x03:
      return readObject(bytes, view, position);
    case 0x04:
      return readArray(bytes, view, position);
    case 0x08:
      return bytes[position] === 1;
    case 0x0a:
      return null;
    case 0x10:
      return view.getInt32(position, true);
    case 0x12:
      return decodeInteger(view.getBigInt64(position, true));
    default:
      return undefined;
  }
}

function readObject(
  bytes: Uint8Array,
  view: DataView,
  from: number,
): object | undefined {
  const end = from + view.getInt32(from, true) - 1;
  const object: Record<string, unknown> = {};
  for (let position = from + 4; position < end;) {
    const type = bytes[position];
    const nameEnd = endOfName(bytes, position + 1);
    const name = decodeUtf8(bytes, position + 1, nameEnd);
    const value = readJson(type, bytes, view, nameEnd + 1);
    if (value === undefined || name === undefined) return undefined;
    setMember(object, name, value);
    position = nameEnd + 1 + valueSize(view, type, nameEnd + 1);
  }
  return object;
}

function readArray(
  bytes: Uint8Array,
  view: DataView,
  from: number,
): unknown[] | undefined {
  const end = from + view.getInt32(from, true) - 1;
  const items: unknown[] = [];
  for (let position = from + 4; position < end;) {
    const type = bytes[position];
    const start = endOfName(bytes, position + 1) + 1;
    const value = readJson(type, bytes, view, start);
    if (value === undefined) return undefined;
    items.push(value);
    position = start + valueSize(view, type, start);
  }
  return items;
}

function endOfName(bytes: Uint8Array, from: number): number {
  let position = from;
  while (bytes[position] !== 0 && position < bytes.length) position++;
  return position;
}

/** Decodes a stored integer of JSON: a bigint if it is beyond 2^53. */
export function decodeInteger(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
    ? Number(value)
    : value;
}
