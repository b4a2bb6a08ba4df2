import {
  comparedFields,
  type Condition,
  leavesOf,
} from "../../query/statement/condition.ts";
import { codecOf } from "../codec/field_codec.ts";
import { keyIdentity } from "./keys.ts";

/** The most bytes of lists in one filter: MongoDB's limit for a command is 16 MB. */
export const MAX_LIST_BYTES: number = 14 << 20;
/** Bytes of a list item besides its text, with its index. */
const ITEM_BYTES = 18;
/** Bytes of a field's condition besides its name and value. */
const CONDITION_BYTES = 32;

/** A condition that holds a list of values, or of keys. */
type List = Extract<Condition, { kind: "in" | "keys" }>;

/**
 * Splits a condition into parts with shorter lists. Every row that meets the
 * condition meets exactly one part. Returns the condition itself if it is short
 * enough, or if its long lists cannot be split: under `not`.
 *
 * @param maxBytes the most bytes of lists in one part
 */
export function splitCondition(
  condition: Condition,
  maxBytes: number = MAX_LIST_BYTES,
): readonly Condition[] {
  if (totalListBytes(condition) <= maxBytes) return [condition];
  return fixedListBytes(condition) > maxBytes / 2
    ? [condition]
    : splitInHalves(withDistinctItems(condition), maxBytes);
}

/** Whether a condition compares one of these fields. */
export function dependsOn(
  condition: Condition,
  fields: ReadonlySet<string>,
): boolean {
  return comparedFields(condition).some(({ name }) => fields.has(name));
}

/** The bytes of a list in a filter: an estimate, never too low. */
export function listBytes(list: List): number {
  if (list.kind === "in") return valueBytes(list.values);
  const names = list.fields.length === 1 ? 0 : list.fields.reduce(
    (bytes, { column }) => bytes + column.length + CONDITION_BYTES,
    0,
  );
  return list.keys.reduce(
    (bytes, key) => bytes + names + valueBytes(key),
    0,
  );
}

function splitInHalves(
  condition: Condition,
  maxBytes: number,
): readonly Condition[] {
  if (totalListBytes(condition) <= maxBytes) return [condition];
  return halvesOf(condition)?.flatMap((half) =>
    splitInHalves(half, maxBytes)
  ) ??
    [condition];
}

/** Two conditions, each with half of the longest list; undefined if it cannot be split. */
function halvesOf(condition: Condition): readonly Condition[] | undefined {
  switch (condition.kind) {
    case "in":
      return isSplittable(condition)
        ? halves(condition.values).map((values) => ({ ...condition, values }))
        : undefined;
    case "keys":
      return isSplittable(condition)
        ? halves(condition.keys).map((keys) => ({ ...condition, keys }))
        : undefined;
    case "and":
    case "or": {
      const [longest] = condition.terms.toSorted((left, right) =>
        totalListBytes(right) - totalListBytes(left)
      );
      if (longest === undefined) return undefined;
      const others = condition.terms.filter((term) => term !== longest);
      const [first, ...rest] = halvesOf(longest) ?? [];
      if (first === undefined) return undefined;
      if (condition.kind === "and") {
        return [first, ...rest].map((half) => ({
          kind: "and",
          terms: [...others, half],
        }));
      }
      // Only the first part contains the rows that meet another term.
      const other: Condition = { kind: "or", terms: others };
      return [
        { kind: "or", terms: [...others, first] },
        ...rest.map((half): Condition => ({
          kind: "and",
          terms: [half, { kind: "not", term: other }],
        })),
      ];
    }
    default:
      return undefined;
  }
}

/** The bytes of lists that {@link halvesOf} does not shorten. */
function fixedListBytes(condition: Condition): number {
  switch (condition.kind) {
    case "in":
    case "keys":
      return isSplittable(condition) ? 0 : listBytes(condition);
    case "and":
      return condition.terms.reduce(
        (bytes, term) => bytes + fixedListBytes(term),
        0,
      );
    case "or": {
      // Each half of the longest term is combined with all other terms.
      const bytesOf = condition.terms.map(totalListBytes);
      const longest = bytesOf.reduce(
        (best, bytes, index) => bytes > (bytesOf[best] ?? 0) ? index : best,
        0,
      );
      return condition.terms.reduce(
        (bytes, term, index) =>
          bytes +
          (index === longest ? fixedListBytes(term) : bytesOf[index] ?? 0),
        0,
      );
    }
    default:
      return totalListBytes(condition);
  }
}

/** Whether a list has several values, and their texts identify them. */
function isSplittable(list: List): boolean {
  const fields = list.kind === "in" ? [list.field] : list.fields;
  const { length } = list.kind === "in" ? list.values : list.keys;
  return length > 1 && fields.every(({ type }) => !codecOf(type).holdsArrays);
}

/** The condition without duplicates in lists that can be split: a row must not meet two parts. */
function withDistinctItems(condition: Condition): Condition {
  switch (condition.kind) {
    case "in": {
      if (!isSplittable(condition)) return condition;
      const values = distinct(condition.values, (value) => [value]);
      return { ...condition, values };
    }
    case "keys":
      return isSplittable(condition)
        ? { ...condition, keys: distinct(condition.keys, (key) => key) }
        : condition;
    case "and":
    case "or":
      return { ...condition, terms: condition.terms.map(withDistinctItems) };
    default:
      return condition;
  }
}

function distinct<T>(
  items: readonly T[],
  keyOf: (item: T) => readonly unknown[],
): readonly T[] {
  const byIdentity = new Map(
    items.map((item) => [keyIdentity(keyOf(item)), item]),
  );
  // No row matches a key that contains null.
  byIdentity.delete(undefined);
  return [...byIdentity.values()];
}

function halves<T>(items: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

/** The bytes of all lists in a condition. */
function totalListBytes(condition: Condition): number {
  return leavesOf(condition).reduce(
    (bytes, leaf) =>
      leaf.kind === "in" || leaf.kind === "keys"
        ? bytes + listBytes(leaf)
        : bytes,
    0,
  );
}

function valueBytes(values: readonly unknown[]): number {
  let bytes = values.length * ITEM_BYTES;
  for (const value of values) {
    if (typeof value === "string") bytes += textBytes(value);
  }
  return bytes;
}

/** The bytes of a text in UTF-8, or more if it contains surrogate pairs. */
function textBytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) bytes += code > 0x7ff ? 2 : 1;
  }
  return bytes;
}
