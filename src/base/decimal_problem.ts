/** A digit other than 0 before the exponent. */
const NOT_ZERO = /^[^eE]*[1-9]/;

/** Returns why a decimal number has no nearest float64, or undefined if it has one. Ordinary rounding is no reason. */
export function decimalProblem(text: string): string | undefined {
  const value = Number(text);
  if (!Number.isFinite(value)) return "is beyond the greatest float64";
  return value === 0 && NOT_ZERO.test(text)
    ? `is too small for float64, which would hold 0; the smallest number above 0 is ${Number.MIN_VALUE}`
    : undefined;
}
