// Numbers from the bytes of their texts: most need no string.

const [MINUS, POINT, ZERO] = [45, 46, 48] as const;
/** Digits that an integer of 32 bits always holds. */
const CHUNK = 9;
/** The greatest power of ten that a float64 holds exactly. */
const MAX_POWER = 22;
/** Below it, a float64 holds each integer. */
const EXACT = 2 ** 53;
/** More than the relative error of a quotient of two floats with their remainder, which is below 2^-100. */
const ERROR = 2 ** -95;
/** Splits a float64 into two of 26 bits: T. J. Dekker, "A floating-point technique for extending the available precision", 1971. */
const SPLIT = 2 ** 27 + 1;

const POWERS = Float64Array.from(
  { length: MAX_POWER + 1 },
  (_, power) => Number(`1e${power}`),
);
const HIGH_PARTS = POWERS.map(highPart);
const LOW_PARTS = POWERS.map((power, at) => power - (HIGH_PARTS[at] ?? 0));

/**
 * Returns the float64 that is nearest to a decimal number such as `-20.125`: at
 * most 9 digits before the point, and 18 after it. NaN for any other text, and if
 * the nearest one needs more digits to be known.
 */
export function floatOfBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let at = start;
  const isNegative = bytes[at] === MINUS;
  if (isNegative) at++;
  const first = at;
  let [whole, digit] = [0, 0];
  for (; at < end; at++) {
    digit = (bytes[at] ?? 0) - ZERO;
    if (!(digit >= 0 && digit <= 9)) break;
    whole = (whole * 10 + digit) | 0;
  }
  if (at === first || at - first > CHUNK) return NaN;
  if (at === end) return isNegative ? -whole : whole;
  if (bytes[at] !== POINT) return NaN;
  at++;
  const decimals = end - at;
  if (decimals > 2 * CHUNK) return NaN;
  const middle = decimals > CHUNK ? at + CHUNK : end;
  let [upper, lower] = [0, 0];
  for (; at < middle; at++) {
    digit = (bytes[at] ?? 0) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    upper = (upper * 10 + digit) | 0;
  }
  const rest = end - at;
  for (; at < end; at++) {
    digit = (bytes[at] ?? 0) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    lower = (lower * 10 + digit) | 0;
  }
  const value = nearest(
    whole * (POWERS[decimals - rest] ?? NaN) + upper,
    lower,
    rest,
    decimals,
  );
  return isNegative ? -value : value;
}

/**
 * Returns the float64 that is nearest to (upper · 10^lowerDigits + lower) /
 * 10^decimals; NaN if rounding errors may decide which one it is.
 */
function nearest(
  upper: number,
  lower: number,
  lowerDigits: number,
  decimals: number,
): number {
  const factor = POWERS[lowerDigits] ?? NaN;
  const divisor = POWERS[decimals] ?? NaN;
  const product = upper * factor;
  // One rounding of two exact numbers.
  if (product + lower < EXACT) return (product + lower) / divisor;
  if (!(upper < EXACT)) return NaN;
  // The dividend and the remainder of the quotient are sums of two floats without an error.
  const dividend = product + lower;
  const dividendRest = (lower - (dividend - product)) +
    productError(upper, factor, lowerDigits, product);
  const quotient = dividend / divisor;
  const multiple = quotient * divisor;
  const remainder = (dividend - multiple) -
    productError(quotient, divisor, decimals, multiple);
  const correction = (remainder + dividendRest) / divisor;
  const error = quotient * ERROR;
  const value = quotient + (correction + error);
  return value === quotient + (correction - error) ? value : NaN;
}

/** Returns the exact product of a number and a power of ten, minus the rounded product. */
function productError(
  value: number,
  power: number,
  exponent: number,
  rounded: number,
): number {
  const high = highPart(value);
  const low = value - high;
  const [highPower, lowPower] = [
    HIGH_PARTS[exponent] ?? power,
    LOW_PARTS[exponent] ?? 0,
  ];
  return low * lowPower -
    (((rounded - high * highPower) - low * highPower) - high * lowPower);
}

function highPart(value: number): number {
  const large = SPLIT * value;
  return large - (large - value);
}

/** Returns an integer of at most 9 digits; NaN for any other text. */
export function int32OfBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let at = start;
  const isNegative = bytes[at] === MINUS;
  if (isNegative) at++;
  if (end === at || end - at > CHUNK) return NaN;
  const value = digitsOf(bytes, at, end);
  if (value < 0) return NaN;
  return isNegative ? -value : value;
}

/**
 * Writes an integer of at most 19 digits to a position of an array. Returns false
 * for any other text, and for a number beyond 64 bits.
 *
 * @param to a view of the array
 */
export function int64OfBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  to: DataView,
  position: number,
): boolean {
  let first = start;
  const isNegative = bytes[first] === MINUS;
  if (isNegative) first++;
  const length = end - first;
  if (length === 0 || length > 2 * CHUNK + 1) return false;
  const middle = Math.max(first, end - CHUNK);
  const top = Math.max(first, middle - CHUNK);
  const [a, b, c] = [
    digitsOf(bytes, first, top),
    digitsOf(bytes, top, middle),
    digitsOf(bytes, middle, end),
  ];
  if (a < 0 || b < 0 || c < 0) return false;
  // In parts of 16, 16 and 32 bits, whose products a float64 holds exactly.
  const upper = a * 1e9 + b;
  const upperLow = upper % 0x10000;
  const product = (upper - upperLow) / 0x10000 * 1e9;
  const productLow = product % 0x10000;
  const sum = productLow * 0x10000 + upperLow * 1e9 + c;
  let low = sum % 0x1_0000_0000;
  let high = (product - productLow) / 0x10000 + (sum - low) / 0x1_0000_0000;
  if (high >= 0x8000_0000) return false;
  if (isNegative) {
    [low, high] = low === 0 ? [0, -high] : [0x1_0000_0000 - low, -high - 1];
  }
  // Deno runs on little-endian machines only, so that typed arrays are little-endian.
  to.setUint32(8 * position, low, true);
  to.setInt32(8 * position + 4, high, true);
  return true;
}

/** Returns the number of at most nine digits; -1 if one is not a digit. */
function digitsOf(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = (value * 10 + digit) | 0;
  }
  return value;
}
