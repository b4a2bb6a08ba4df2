import type { Document } from "mongodb";
import type { Field } from "../../model/field.ts";
import { encodeValue } from "../codec/encode_value.ts";

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
  const values = fields.map((_, index) => distinctValues(keys, index));
  const [field] = fields;
  if (fields.length === 1 && field !== undefined) {
    return valuesFilter(field, [...values[0]?.values() ?? []]);
  }
  const groupIndex = values.reduce(
    (best, { size }, index) => size < (values[best]?.size ?? 0) ? index : best,
    0,
  );
  const groupField = fields[groupIndex];
  if (groupField === undefined) return {};
  const groups = Map.groupBy(keys, (key) => keyIdentity([key[groupIndex]]));
  const branches = [...groups.values()].map((group) => ({
    ...valuesFilter(groupField, [group[0]?.[groupIndex]]),
    ...keysFilter(
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
  return Object.assign(
    {},
    ...fields.map((field, index) =>
      valuesFilter(field, [...distinctValues(keys, index).values()])
    ),
  );
}

/** A text that is equal for two keys exactly if the keys are equal; undefined for a key with null, which equals no key. */
export function keyIdentity(key: readonly unknown[]): string | undefined {
  let identity = "";
  for (const part of key) {
    if (part === null || part === undefined) return undefined;
    const text = part instanceof Date ? String(part.getTime()) : String(part);
    if (key.length === 1) return text;
    identity += `${text.length}:${text}`;
  }
  return identity;
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
  return new Map(keys.map((key) => [keyIdentity([key[index]]), key[index]]));
}
