import { OID } from "./wire/types.ts";

/** A type of numbers as SQL. */
export type NumberType = "integer" | "double precision";

/** The types with their object identifiers and lengths in bytes. */
const TYPES: Record<NumberType, { oid: number; length: number }> = {
  "integer": { oid: OID.int4, length: 4 },
  "double precision": { oid: OID.float8, length: 8 },
};

/** Returns numbers as an array in the binary format of PostgreSQL. */
export function numberArray(
  type: NumberType,
  values: readonly number[],
): Uint8Array {
  const { oid, length } = TYPES[type];
  const bytes = new Uint8Array(20 + values.length * (4 + length));
  const view = new DataView(bytes.buffer);
  // The dimensions, no nulls, the type of the items, their number, and the first index.
  const header = [1, 0, oid, values.length, 1];
  for (const [at, value] of header.entries()) view.setInt32(at * 4, value);
  let at = 20;
  for (const value of values) {
    view.setInt32(at, length);
    if (length === 4) view.setInt32(at + 4, value);
    else view.setFloat64(at + 4, value);
    at += 4 + length;
  }
  return bytes;
}
