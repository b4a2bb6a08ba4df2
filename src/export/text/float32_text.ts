/** The smallest float32 with all its digits; smaller ones have fewer. */
const FIRST_NORMAL = 2 ** -126;
/** The decimal digits that every float32 keeps, and those that tell it from every other. */
const KEPT_DIGITS = 6;
const MAX_DIGITS = 9;

/** Returns the text of a 64-bit float. */
export function floatText(value: unknown): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Returns the text of a 32-bit float, rounded to the fewest digits that read back to it, as PostgreSQL does. */
export function float32Text(value: unknown): string {
  if (
    typeof value !== "number" || value === 0 || Math.fround(value) !== value
  ) return floatText(value);
  const first = Math.abs(value) < FIRST_NORMAL ? 1 : KEPT_DIGITS;
  for (let digits = first; digits < MAX_DIGITS; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return floatText(short);
  }
  return floatText(Number(value.toPrecision(MAX_DIGITS)));
}
