import type { Field, FieldType } from "../../model/field.ts";
import type { Condition } from "../../query/statement/statement.ts";
import { identityOf } from "./keys.ts";

/** Bytes of lists that a filter may hold: MongoDB takes a command of 16 MB. */
const MOST = 14 << 20;
/** Bytes of a value in a list besides its text, with its place there. */
const ITEM = 18;
/** Bytes of a field's condition besides its name and value. */
const CONDITION = 32;

/** A list of values, or of keys. */
type List = Extract<Condition, { kind: "in" | "keys" }>;

/**
 * A condition as several, of which a row meets one where it meets the whole,
 * each with lists short enough for a command. It is left as it is where it
 * fits, and where what is too long cannot be cut: under `not`.
 *
 * @param most bytes of lists that a command may hold
 */
export function partsOf(
  where: Condition,
  most: number = MOST,
): readonly Condition[] {
  if (weightOf(where) <= most) return [where];
  return fixedIn(where) > most / 2 ? [where] : cut(without(where), most);
}

/** Whether a condition goes by what these fields hold. */
export function goesBy(where: Condition, fields: ReadonlySet<Field>): boolean {
  switch (where.kind) {
    case "all":
    case "none":
      return false;
    case "and":
    case "or":
      return where.terms.some((term) => goesBy(term, fields));
    case "not":
      return goesBy(where.term, fields);
    case "keys":
      return where.fields.some((field) => fields.has(field));
    default:
      return fields.has(where.field);
  }
}

function cut(where: Condition, most: number): readonly Condition[] {
  if (weightOf(where) <= most) return [where];
  return halvesOf(where)?.flatMap((half) => cut(half, most)) ?? [where];
}

function halvesOf(where: Condition): readonly Condition[] | undefined {
  switch (where.kind) {
    case "in":
      return isCuttable(where)
        ? halves(where.values).map((values) => ({ ...where, values }))
        : undefined;
    case "keys":
      return isCuttable(where)
        ? halves(where.keys).map((keys) => ({ ...where, keys }))
        : undefined;
    case "and":
    case "or": {
      const [heaviest] = where.terms.toSorted((left, right) =>
        weightOf(right) - weightOf(left)
      );
      if (heaviest === undefined) return undefined;
      const others = where.terms.filter((term) => term !== heaviest);
      const rest: Condition = { kind: where.kind, terms: others };
      const [one, ...more] = halvesOf(heaviest) ?? [];
      if (one === undefined) return undefined;
      return where.kind === "and"
        ? [one, ...more].map((half) => ({
          kind: "and",
          terms: [...others, half],
        }))
        // Rows that meet another term are the first part's.
        : [
          { kind: "or", terms: [...others, one] },
          ...more.map((half): Condition => ({
            kind: "and",
            terms: [half, { kind: "not", term: rest }],
          })),
        ];
    }
    default:
      return undefined;
  }
}

/** The bytes of what {@link halvesOf} does not make less. */
function fixedIn(where: Condition): number {
  switch (where.kind) {
    case "in":
    case "keys":
      return isCuttable(where) ? 0 : weightOf(where);
    case "and":
      return where.terms.reduce((sum, term) => sum + fixedIn(term), 0);
    case "or": {
      // The others stand beside each part of the heaviest.
      const weights = where.terms.map(weightOf);
      const heaviest = weights.indexOf(Math.max(...weights));
      return where.terms.reduce(
        (sum, term, place) =>
          sum + (place === heaviest ? fixedIn(term) : weights[place] ?? 0),
        0,
      );
    }
    default:
      return weightOf(where);
  }
}

/** Whether its values are told apart by their texts, and there are several. */
function isCuttable(list: List): boolean {
  const types = list.kind === "in"
    ? [list.field.type]
    : list.fields.map(({ type }) => type);
  const { length } = list.kind === "in" ? list.values : list.keys;
  return length > 1 && types.every(isScalar);
}

function isScalar({ kind }: FieldType): boolean {
  return kind !== "json" && kind !== "array";
}

/** The same condition with no value twice in a list that may be cut: a row would meet two parts. */
function without(where: Condition): Condition {
  switch (where.kind) {
    case "in":
      return isCuttable(where)
        ? { ...where, values: distinct(where.values, (value) => [value]) }
        : where;
    case "keys":
      return isCuttable(where)
        ? { ...where, keys: distinct(where.keys, (key) => key) }
        : where;
    case "and":
    case "or":
      return { ...where, terms: where.terms.map(without) };
    default:
      return where;
  }
}

function distinct<T>(
  items: readonly T[],
  keyOf: (item: T) => readonly unknown[],
): readonly T[] {
  const byIdentity = new Map(
    items.map((item) => [identityOf(keyOf(item)), item]),
  );
  // A key with null in it is none of a row.
  byIdentity.delete(undefined);
  return [...byIdentity.values()];
}

function halves<T>(items: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

/** About the bytes of a condition's lists, rather more than less. */
function weightOf(where: Condition): number {
  switch (where.kind) {
    case "in":
      return sum(where.values);
    case "keys": {
      const names = where.fields.length === 1 ? 0 : where.fields.reduce(
        (bytes, { column }) => bytes + column.length + CONDITION,
        0,
      );
      return where.keys.reduce((bytes, key) => bytes + names + sum(key), 0);
    }
    case "and":
    case "or":
      return where.terms.reduce((bytes, term) => bytes + weightOf(term), 0);
    case "not":
      return weightOf(where.term);
    default:
      return 0;
  }
}

function sum(values: readonly unknown[]): number {
  let bytes = values.length * ITEM;
  for (const value of values) {
    if (typeof value === "string") bytes += utf8Length(value);
  }
  return bytes;
}

/** The bytes of a text; at most, where it has characters of two units. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let place = 0; place < text.length; place++) {
    const code = text.charCodeAt(place);
    if (code > 0x7f) bytes += code > 0x7ff ? 2 : 1;
  }
  return bytes;
}
