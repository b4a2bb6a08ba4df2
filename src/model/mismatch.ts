/** Returns why a value does not have the expected type. */
export function mismatch(expected: string, value: unknown): string {
  const found = value === null
    ? "null"
    : Array.isArray(value)
    ? "an array"
    : value instanceof Date
    ? "a Date"
    : typeof value === "object"
    ? "an object"
    : typeof value === "number"
    ? String(value)
    : `a ${typeof value}`;
  return `must be ${expected}, got ${found}`;
}

/** Returns why a string is not text that a database stores, or undefined if it is. */
export function textProblem(value: string): string | undefined {
  if (value.includes("\0")) return "contains a NUL character (U+0000)";
  return value.isWellFormed()
    ? undefined
    : "contains half of a surrogate pair, which is not valid text";
}
