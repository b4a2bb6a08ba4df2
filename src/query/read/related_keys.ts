import type { Field } from "../../model/field.ts";
import { relatedKeys } from "../../model/related_value.ts";
import type { AnyModel } from "../../model/types.ts";
import type { KnownRelation } from "../checks/relation.ts";
import type { Executor } from "../statement/executor.ts";
import { keyIdentity } from "../statement/key_identity.ts";

/** Keys of rows: the values of the fields of a relation. */
export type Keys = readonly (readonly unknown[])[];

/** Returns the values of some fields of each row. */
export function valuesOf(
  rows: readonly object[],
  fields: readonly Field[],
): Keys {
  return rows.map((row) =>
    fields.map((field): unknown => Reflect.get(row, field.name))
  );
}

/** Returns the values of the fields of a relation in each row, as the related fields hold them. */
export function relatedKeysOf(
  rows: readonly object[],
  { local, foreign }: Pick<KnownRelation, "local" | "foreign">,
): Keys {
  return relatedKeys(valuesOf(rows, local), local, foreign);
}

/** Returns each key once, without those that contain null: no row is related by null. */
export function keysOf(keys: Keys): Keys {
  const distinct = new Map<unknown, readonly unknown[]>();
  for (const key of keys) {
    if (!key.includes(null)) distinct.set(keyIdentity(key), key);
  }
  return [...distinct.values()];
}

/** Returns the function that returns a map key for one of these keys: equal for two keys exactly if the database takes them as equal. */
export async function identifier(
  executor: Executor,
  model: AnyModel,
  fields: readonly Field[],
  keysOf: () => Keys,
): Promise<(key: readonly unknown[]) => unknown> {
  const identities = await executor.keyIdentities?.(model, fields, keysOf);
  if (identities === undefined) return keyIdentity;
  const known = new Map(
    keysOf().map((key, index) => [keyIdentity(key), identities[index]]),
  );
  return (key) => known.get(keyIdentity(key));
}

/** Returns one of all keys that the database takes as equal. */
export async function differentKeys(
  executor: Executor,
  model: AnyModel,
  fields: readonly Field[],
  keys: Keys,
): Promise<Keys> {
  const identities = await executor.keyIdentities?.(model, fields, () => keys);
  if (identities === undefined) return keys;
  return [
    ...new Map(keys.map((key, index) => [identities[index], key])).values(),
  ];
}
