import { nearest } from "./nearest.ts";

/** The names that options, fields or settings may have: a set of names, or a map by name. */
export interface KnownNames {
  has(name: string): boolean;
  keys(): Iterable<string>;
}

/** A table of every property of a type: a new property does not compile until the table lists it. */
export type NamesOf<Options> = {
  readonly [Name in keyof Required<Options>]: true;
};

/** A name that is not known, and the most similar known name. */
interface UnknownName {
  readonly name: string;
  readonly nearest: string | undefined;
}

/** Returns the names of a {@link NamesOf} table. */
export function namesOf(
  table: Readonly<Record<string, true>>,
): ReadonlySet<string> {
  return new Set(Object.keys(table));
}

/** Returns the properties of an object that are not known, in their order, except one of a given name. */
export function unknownNames(
  value: object,
  known: KnownNames,
  ignored?: string,
): UnknownName[] {
  const unknown: UnknownName[] = [];
  for (const name of Object.keys(value)) {
    if (!known.has(name) && name !== ignored) {
      unknown.push(unknownName(name, known));
    }
  }
  return unknown;
}

/**
 * Returns the value of a name.
 *
 * @throws the error of `refuse` if the name is not known
 */
export function valueNamed<Value>(
  name: string,
  known: ReadonlyMap<string, Value>,
  refuse: (unknown: UnknownName) => Error,
): Value {
  const value = known.get(name);
  if (value !== undefined) return value;
  throw refuse(unknownName(name, known));
}

function unknownName(name: string, known: KnownNames): UnknownName {
  return { name, nearest: nearest(name, known.keys()) };
}
