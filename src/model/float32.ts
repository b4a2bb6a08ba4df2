/** Numbers of this size and greater become infinity as a float32. */
const FIRST_INFINITE = 2 ** 128 - 2 ** 103;
/** Numbers of this size and smaller become zero as a float32. */
const LAST_ZERO = 2 ** -150;
/** The greatest float32. */
export const FLOAT32_MAX: number = 2 ** 128 - 2 ** 104;
/** The smallest float32 above zero. */
const FLOAT32_MIN = 2 ** -149;

/** Returns why a finite number has no nearest float32, or undefined if it has one. Ordinary rounding is no reason. */
export function float32Problem(value: number): string | undefined {
  const size = Math.abs(value);
  if (size >= FIRST_INFINITE) return "is outside the range of float32";
  return size <= LAST_ZERO && size > 0
    ? `is too small for float32, which would hold 0; the smallest number above 0 is ${FLOAT32_MIN}`
    : undefined;
}
