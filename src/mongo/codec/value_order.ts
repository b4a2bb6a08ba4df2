import type { Sort } from "../../query/statement/statement.ts";

/** The order of two values of one type that are not null: text by code point, NaN greatest, arrays item by item, null in them greatest. */
export function compare(left: unknown, right: unknown): number {
  if (typeof left === "string" && typeof right === "string") {
    return byCodePoint(left, right);
  }
  if (left instanceof Date && right instanceof Date) {
    return left.getTime() - right.getTime();
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    for (const [place, item] of left.entries()) {
      if (place >= right.length) return 1;
      const order = compare(item, right[place]);
      if (order !== 0) return order;
    }
    return left.length - right.length;
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

/** The order of rows that an order of fields makes. */
export function rowOrder(
  order: readonly Sort[],
): (left: object, right: object) => number {
  return (left, right) => {
    for (const { field: { name }, direction, nulls } of order) {
      const one: unknown = Reflect.get(left, name) ?? null;
      const other: unknown = Reflect.get(right, name) ?? null;
      const found = one === null || other === null
        ? (Number(one === null) - Number(other === null)) *
          (nulls === "last" ? 1 : -1)
        : compare(one, other) * (direction === "asc" ? 1 : -1);
      if (found !== 0) return found;
    }
    return 0;
  };
}

/** UTF-16 puts characters beyond U+FFFF before some that are less: only those need a closer look. */
function byCodePoint(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let place = 0; place < length; place++) {
    if (left.charCodeAt(place) === right.charCodeAt(place)) continue;
    return (left.codePointAt(place) ?? 0) - (right.codePointAt(place) ?? 0);
  }
  return left.length - right.length;
}
