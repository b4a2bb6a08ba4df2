/** The first bytes of data that gzip compressed. */
export const GZIP: readonly number[] = [0x1f, 0x8b];
/** The first bytes of data that zstd compressed. */
export const ZSTD: readonly number[] = [0x28, 0xb5, 0x2f, 0xfd];

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
