/** Whether bytes begin with others, from a position on. */
export function startsWith(
  bytes: Uint8Array,
  signature: readonly number[] | string,
  from = 0,
): boolean {
  const expected = typeof signature === "string"
    ? [...signature].map((character) => character.charCodeAt(0))
    : signature;
  return expected.every((byte, index) => bytes[from + index] === byte);
}
