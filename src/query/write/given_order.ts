import type { Field } from "../../model/field.ts";
import { keyText } from "../../model/canonical.ts";
import { fieldsNamed, keysOf } from "../../model/keys.ts";
import { isLeftToServer } from "../../model/server_filling.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Executor } from "../statement/executor.ts";
import { identitiesOf, keyIdentity } from "../statement/key_identity.ts";
import type { Rows } from "../statement/statement.ts";
import { defaultValue, storedValue, valueOf } from "./values.ts";

type Key = readonly unknown[];

/** The fields that tell which given row a written row is. */
export interface GivenKey {
  /** The fields of a key; none if the model has no key. */
  readonly fields: readonly Field[];
  /** Further fields, which distinguish given rows with the same key of which only one is written. */
  readonly others?: readonly Field[];
}

/** The key of each given row, as far as the caller gave it. */
export interface GivenKeys extends GivenKey {
  /** Returns the values of the fields, and of the further ones, in the order of the rows, when all rows have been read. */
  readonly keys: () => readonly Key[];
}

/** Returns the key by which inserted rows are found among the given ones: one that every row has, if there is one. */
export function insertedKey(model: AnyModel): GivenKey {
  const keys = keysOf(model).map((key) => fieldsNamed(model, key));
  const fields =
    keys.find((key) =>
      key.every((field) => !field.nullable && !isFilled(field))
    ) ?? keys[0] ?? [];
  // A row can be ignored for another unique key.
  const others = new Set(keys.flat().filter((field) => !isFilled(field)))
    .difference(new Set(fields));
  return { fields, others: [...others] };
}

/** Whether the server can fill a field that a new row omits. */
function isFilled(field: Field): boolean {
  return field.filled === "generated" || isLeftToServer(field);
}

/**
 * Keeps the keys of rows while a statement reads them. An array is read again
 * later, so that engines still receive it as an array.
 */
export function withGivenKeys(
  rows: Rows<object>,
  key: GivenKey,
): GivenKeys & { readonly rows: Rows<object> } {
  const fields = returnedKey(key);
  if (Array.isArray(rows)) {
    return { ...key, rows, keys: () => rows.map((row) => keyOf(row, fields)) };
  }
  const keys: Key[] = [];
  async function* read(): AsyncGenerator<object> {
    for await (const row of rows) {
      keys.push(keyOf(row, fields));
      yield row;
    }
  }
  return { ...key, rows: read(), keys: () => keys };
}

/** Returns all fields that a written row must have for {@link inGivenOrder}. */
export function returnedKey(
  { fields, others = [] }: GivenKey,
): readonly Field[] {
  return others.length === 0 ? fields : [...fields, ...others];
}

/** A value that is not a row, or whose getter throws, is refused where it is checked. */
function keyOf(row: unknown, fields: readonly Field[]): Key {
  if (typeof row !== "object" || row === null) return [];
  try {
    return fields.map((field) =>
      storedValue(field, valueOf(row, field) ?? defaultValue(field))
    );
  } catch {
    return [];
  }
}

/**
 * Returns written rows in the order of the given ones. A row that was written
 * several times is returned once, as it was left, at the place of the first given
 * row with its key. Rows whose keys the server filled take the places of the
 * given rows without a key; rows with other keys follow.
 *
 * @param written the rows with the fields of the key, in the order of the writes
 */
export async function inGivenOrder(
  executor: Executor,
  model: AnyModel,
  { fields, others = [], keys }: GivenKeys,
  written: readonly object[],
): Promise<object[]> {
  if (fields.length === 0) return [...written];
  const given = keys();
  const { length } = fields;
  const isWhole = (key: Key): boolean =>
    key.length > 0 &&
    fields.every((_, at) => (key[at] ?? null) !== null);
  const indexes = [...given.keys()].filter((index) =>
    isWhole(given[index] ?? [])
  );
  const all = [
    ...indexes.map((index) => given[index]?.slice(0, length) ?? []),
    ...written.map((row) => valuesOf(row, fields)),
  ];
  const identities = await identitiesOf(executor, model, fields, all)
    // The rows are written: only their order may depend on it.
    .catch(() => all.map(keyIdentity));
  const placesOf = new Map<unknown, number[]>();
  for (const [at, index] of indexes.entries()) {
    const places = placesOf.get(identities[at]);
    if (places === undefined) placesOf.set(identities[at], [index]);
    else if (others.length > 0) places.push(index);
  }
  const placeOf = (identity: unknown, row: object): number | undefined => {
    const places = placesOf.get(identity) ?? [];
    if (places.length < 2) return places[0];
    const text = keyText(valuesOf(row, others));
    return places.find((index) =>
      keyText(given[index]?.slice(length) ?? []) === text
    ) ?? places[0];
  };
  const placed = new Map<number, object>();
  const unplaced = new Map<unknown, object>();
  for (const [at, row] of written.entries()) {
    const identity = identities[indexes.length + at];
    const place = placeOf(identity, row);
    if (place === undefined) unplaced.set(identity ?? row, row);
    else placed.set(place, row);
  }
  const rest = unplaced.values();
  const ordered: object[] = [];
  for (const [index, key] of given.entries()) {
    const row = isWhole(key) ? placed.get(index) : rest.next().value;
    if (row !== undefined) ordered.push(row);
  }
  return [...ordered, ...rest];
}

function valuesOf(row: object, fields: readonly Field[]): Key {
  return fields.map(({ name }) => Reflect.get(row, name));
}
