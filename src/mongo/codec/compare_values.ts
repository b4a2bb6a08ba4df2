import type { Sort } from "../../query/statement/statement.ts";
import { bytesOf, compareBytes } from "./bytes.ts";

/** Compares two non-null values of one type: text by code point, NaN greatest, arrays item by item with null greatest. */
export function compareValues(left: unknown, right: unknown): number {
  if (typeof left === "string" && typeof right === "string") {
    return compareTexts(left, right);
  }
  if (left instanceof Date && right instanceof Date) {
    return left.getTime() - right.getTime();
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    for (const [index, item] of left.entries()) {
      if (index >= right.length) return 1;
      const order = compareValues(item, right[index]);
      if (order !== 0) return order;
    }
    return left.length - right.length;
  }
  const [bytes, others] = [bytesOf(left), bytesOf(right)];
  if (bytes !== undefined && others !== undefined) {
    return compareBytes(bytes, others);
  }
  if (left === null || right === null) {
    return Number(left === null) - Number(right === null);
  }
  if (Number.isNaN(left) || Number.isNaN(right)) {
    return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  }
  const [a, b] = [left as number, right as number];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A function that compares two rows by an order. */
export function rowComparator(
  order: readonly Sort[],
): (left: object, right: object) => number {
  return (left, right) => {
    for (const { field: { name }, direction, nulls } of order) {
      const a: unknown = Reflect.get(left, name) ?? null;
      const b: unknown = Reflect.get(right, name) ?? null;
      const result = a === null || b === null
        ? (Number(a === null) - Number(b === null)) *
          (nulls === "last" ? 1 : -1)
        : compareValues(a, b) * (direction === "asc" ? 1 : -1);
      if (result !== 0) return result;
    }
    return 0;
  };
}

/** Compares by code point, not by UTF-16 unit: units above U+FFFF sort differently. */
function compareTexts(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    if (left.charCodeAt(index) === right.charCodeAt(index)) continue;
    return (left.codePointAt(index) ?? 0) - (right.codePointAt(index) ?? 0);
  }
  return left.length - right.length;
}
