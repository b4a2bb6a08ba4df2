import type { AnyModel } from "@alerce/db-plugins";
import {
  type Condition,
  distanceOf,
  type Field,
  isWithin,
  type Nearest,
  type Sort,
} from "@alerce/db-plugins/engine";

/** The values of a row, by field name. */
export type Row = Readonly<Record<string, unknown>>;

/** Whether a row satisfies a condition; comparisons with null are false. */
export function holds(
  expr: Condition,
  row: Row,
  rowsOf: (model: AnyModel) => readonly Row[],
): boolean {
  switch (expr.kind) {
    case "all":
    case "none":
      return expr.kind === "all";
    case "compare": {
      const value = row[expr.field.name] ?? null;
      if (value === null) return expr.operator === "ne";
      const order = compare(value, expr.value);
      return {
        eq: order === 0,
        ne: order !== 0,
        gt: order > 0,
        gte: order >= 0,
        lt: order < 0,
        lte: order <= 0,
      }[expr.operator];
    }
    case "in": {
      const value = row[expr.field.name] ?? null;
      if (value === null) return false;
      return typeof value === "object"
        ? expr.values.some((other) => compare(value, other) === 0)
        : setOf(expr.values).has(value);
    }
    case "null":
      return (row[expr.field.name] ?? null) === null;
    case "like": {
      const value = row[expr.field.name];
      return typeof value === "string" &&
        (expr.ignoresCase === true
          ? pattern(asciiLower(expr.pattern)).test(asciiLower(value))
          : pattern(expr.pattern).test(value));
    }
    case "contains": {
      const value = row[expr.field.name];
      return Array.isArray(value) &&
        expr.values.every((item) =>
          value.some((other) => compare(item, other) === 0)
        );
    }
    case "related":
      return rowsOf(expr.target).some((other) =>
        expr.foreign.every(({ name }, at) => {
          const value = row[expr.local[at]?.name ?? ""] ?? null;
          const found = other[name] ?? null;
          return value !== null && found !== null &&
            (typeof value === typeof found
              ? compare(value, found) === 0
              : String(value) === String(found));
        }) && holds(expr.where, other, rowsOf)
      );
    case "containsAny": {
      const value = row[expr.field.name];
      return Array.isArray(value) &&
        expr.values.some((item) =>
          value.some((other) => compare(item, other) === 0)
        );
    }
    case "path": {
      const value = valueAt(row[expr.field.name], expr.path);
      if (expr.operator === "eq") {
        return canonicalJson(value) === canonicalJson(expr.value);
      }
      const kinds = [value, expr.value].map((one) =>
        typeof one === "bigint" ? "number" : typeof one
      );
      if (kinds[0] !== kinds[1]) return false;
      const order = typeof value === "string"
        ? compare(value, expr.value)
        : Number(value) - Number(expr.value);
      return {
        gt: order > 0,
        gte: order >= 0,
        lt: order < 0,
        lte: order <= 0,
      }[expr.operator];
    }
    case "sky":
      return isWithin(
        expr.region,
        row[expr.position.ra.name],
        row[expr.position.dec.name],
      );
    case "keys":
      return expr.keys.some((key) =>
        expr.fields.every(({ name }, at) => compare(row[name], key[at]) === 0)
      );
    case "and":
      return expr.terms.every((term) => holds(term, row, rowsOf));
    case "or":
      return expr.terms.some((term) => holds(term, row, rowsOf));
    case "not":
      return !holds(expr.term, row, rowsOf);
  }
}

function asciiLower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Returns the value at a path within a JSON value; null if there is none. */
function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  let value = root;
  for (const step of path) {
    const isArray = Array.isArray(value);
    const isFound = typeof value === "object" && value !== null &&
      isArray === (typeof step === "number") && Object.hasOwn(value, step);
    if (!isFound) return null;
    value = Reflect.get(Object(value), step);
  }
  return value ?? null;
}

/** Returns rows in an order. */
export function sorted(
  rows: readonly Row[],
  order: readonly Sort[],
  nearest?: Nearest,
): Row[] {
  return rows.toSorted((left, right) => {
    const nearer = nearest === undefined
      ? 0
      : distanceOf(nearest, left) - distanceOf(nearest, right);
    if (nearer !== 0) return nearer;
    for (const { field, direction, nulls } of order) {
      const [a, b] = [left[field.name] ?? null, right[field.name] ?? null];
      if (a === null && b === null) continue;
      if (a === null || b === null) {
        return (a === null) === (nulls === "first") ? -1 : 1;
      }
      const order = compare(a, b);
      if (order !== 0) return direction === "asc" ? order : -order;
    }
    return 0;
  });
}

/** Compares two values of the same type; texts by code point, NaN as the greatest number. */
export function compare(left: unknown, right: unknown): number {
  if (typeof left === "string" && typeof right === "string") {
    return byCodePoint(left, right);
  }
  if (left instanceof Date && right instanceof Date) {
    return left.getTime() - right.getTime();
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    for (const [index, item] of left.entries()) {
      if (index >= right.length) return 1;
      const order = compare(item, right[index]);
      if (order !== 0) return order;
    }
    return left.length - right.length;
  }
  if (Number.isNaN(left) || Number.isNaN(right)) {
    return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  }
  if (typeof left !== typeof right || typeof left === "object") {
    return byCodePoint(canonicalJson(left), canonicalJson(right));
  }
  const [a, b] = [left, right] as [number, number];
  return a < b ? -1 : a > b ? 1 : 0;
}

function byCodePoint(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  for (const [index, letter] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = (letter.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, inner) =>
      typeof inner === "bigint"
        ? String(inner)
        : typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(
          Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1),
        )
        : inner,
  ) ?? "";
}

const sets = new WeakMap<readonly unknown[], Set<unknown>>();

function setOf(values: readonly unknown[]): Set<unknown> {
  const known = sets.get(values) ?? new Set(values);
  sets.set(values, known);
  return known;
}

function pattern(like: string): RegExp {
  const text = like.replaceAll(
    /\\(.)|[%_]|[\\^$.*+?()[\]{}|/-]/gs,
    (match, escaped?: string) =>
      escaped !== undefined
        ? RegExp.escape(escaped)
        : match === "%"
        ? "[^]*"
        : match === "_"
        ? "[^]"
        : RegExp.escape(match),
  );
  return new RegExp(`^(?:${text})$`, "u");
}

/** Returns the row of values by field. */
export function record(values: Iterable<readonly [Field, unknown]>): Row {
  return Object.fromEntries(
    [...values].map(([{ name }, value]) => [name, value]),
  );
}

/** Returns a text that is equal for two rows if and only if their keys are equal; undefined if a part of the key is null. */
export function identityOf(
  row: Row,
  key: readonly string[],
): string | undefined {
  const values = key.map((name) => row[name] ?? null);
  return values.includes(null) ? undefined : JSON.stringify(values.map(String));
}
