import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import { bytesOf } from "../codec/bytes.ts";
import { encodeValue } from "../codec/encode_value.ts";
import { holdsNan } from "../codec/holds_nan.ts";

/**
 * A filter for rows with one of these keys. Keys of several fields are grouped
 * by the field with the fewest values: the server plans one branch per group
 * faster than one per key.
 */
export function keysFilter(
  fields: readonly Field[],
  keys: readonly (readonly unknown[])[],
): Document {
  if (keys.length === 0) return { _id: { $in: [] } };
  const parts = partsOf(fields, keys);
  return parts.length === 1
    ? groupedFilter(fields, keys)
    : { $or: parts.map((part) => groupedFilter(fields, part)) };
}

function groupedFilter(
  fields: readonly Field[],
  keys: readonly (readonly unknown[])[],
): Document {
  const [field] = fields;
  if (fields.length === 1 && field !== undefined) {
    return valuesFilter(field, keys.map(([value]) => value));
  }
  const values = fields.map((_, index) => distinctValues(keys, index));
  const groupIndex = values.reduce(
    (best, { size }, index) => size < (values[best]?.size ?? 0) ? index : best,
    0,
  );
  const groupField = fields[groupIndex];
  if (groupField === undefined) return {};
  const groups = Map.groupBy(keys, (key) => keyIdentity([key[groupIndex]]));
  const branches = [...groups.values()].map((group) => ({
    ...valuesFilter(groupField, [group[0]?.[groupIndex]]),
    ...groupedFilter(
      fields.toSpliced(groupIndex, 1),
      group.map((key) => key.toSpliced(groupIndex, 1)),
    ),
  }));
  const [only] = branches;
  return branches.length === 1 && only !== undefined ? only : { $or: branches };
}

/**
 * A wider filter than {@link keysFilter}, several times as fast. It also
 * matches rows that combine the values of different keys.
 */
export function widerFilter(
  fields: readonly Field[],
  keys: readonly (readonly unknown[])[],
): Document {
  const parts = partsOf(fields, keys).map((part): Document =>
    Object.assign(
      {},
      ...fields.map((field, index) =>
        valuesFilter(field, [...distinctValues(part, index).values()])
      ),
    )
  );
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { $or: parts };
}

/** Keys by the fields in which they hold NaN: a unique key has an index of its own for each, and the server uses one index for one list. */
function partsOf(
  fields: readonly Field[],
  keys: readonly (readonly unknown[])[],
): readonly (readonly (readonly unknown[])[])[] {
  if (!fields.some(holdsNan)) return [keys];
  return [
    ...Map.groupBy(keys, (key) => key.map(Number.isNaN).join()).values(),
  ];
}

/** A text that is equal for two keys exactly if the keys are equal; undefined for a key with null, which equals no key. */
export function keyIdentity(key: readonly unknown[]): string | undefined {
  if (key.length === 1) return partIdentity(key[0]);
  let identity = "";
  for (const part of key) {
    const text = partIdentity(part);
    if (text === undefined) return undefined;
    identity += `${text.length}:${text}`;
  }
  return identity;
}

/** The {@link keyIdentity} of a key of one value. */
export function partIdentity(part: unknown): string | undefined {
  return part === null || part === undefined ? undefined : valueIdentity(part);
}

/** A text that is equal for two values of one field exactly if MongoDB takes them as equal, whatever type of number holds them. */
function valueIdentity(value: unknown): string {
  if (typeof value === "number") {
    return Number.isInteger(value) && !Number.isSafeInteger(value)
      ? String(BigInt(value))
      : String(value);
  }
  if (typeof value !== "object") return String(value);
  return value instanceof Date
    ? String(value.getTime())
    : bytesOf(value)?.toHex() ?? String(value);
}

function valuesFilter(field: Field, values: readonly unknown[]): Document {
  const encoded = values.map((value) => encodeValue(field.type, value));
  return {
    [field.column]: encoded.length === 1
      ? { $eq: encoded[0] }
      : { $in: encoded },
  };
}

/** The distinct values of one part of keys, by identity. */
function distinctValues(
  keys: readonly (readonly unknown[])[],
  index: number,
): Map<string | undefined, unknown> {
  const values = new Map<string | undefined, unknown>();
  for (const key of keys) values.set(partIdentity(key[index]), key[index]);
  return values;
}
