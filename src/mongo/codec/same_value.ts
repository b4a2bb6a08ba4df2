import { bytesOf, compareBytes } from "./bytes.ts";
import { isNumeric } from "./kinds.ts";

/** Whether two values of one type, as documents hold them, are equal. */
export function isSameValue(left: unknown, right: unknown): boolean {
  if (left === right || Object.is(left, right)) return true;
  if (left === null || right === null) return false;
  if (typeof left !== "object" || typeof right !== "object") {
    // Other programs may store a whole number in any width.
    return isNumeric(left) && isNumeric(right) && left <= right &&
      left >= right;
  }
  if (left instanceof Date || right instanceof Date) {
    return left instanceof Date && right instanceof Date &&
      left.getTime() === right.getTime();
  }
  const bytes = bytesOf(left);
  if (bytes !== undefined) {
    const other = bytesOf(right);
    return other !== undefined && compareBytes(bytes, other) === 0;
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return Array.isArray(left) && Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => isSameValue(item, right[index]));
  }
  const [a, b] = [entriesOf(left), entriesOf(right)];
  return a.size === b.size &&
    [...a].every(([key, item]) => b.has(key) && isSameValue(item, b.get(key)));
}

function entriesOf(value: object): ReadonlyMap<unknown, unknown> {
  return value instanceof Map ? value : new Map(Object.entries(value));
}
