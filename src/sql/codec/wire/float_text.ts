/**
 * Returns the shortest text that a float is read from exactly, as PostgreSQL
 * writes it: `1e+15`, not `1000000000000000`.
 *
 * @param digits the number of digits from which on PostgreSQL writes an exponent: 15 for `double precision`, 6 for `real`
 */
export function floatText(value: number, digits: 6 | 15): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", power = ""] = shortest(value, digits).split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= digits) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  const sign = mantissa.startsWith("-") ? "-" : "";
  const figures = mantissa.replace(/[-.]/g, "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${figures}`;
  const whole = figures.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const rest = figures.slice(exponent + 1);
  return `${sign}${whole}${rest === "" ? "" : `.${rest}`}`;
}

/** Returns the shortest digits in exponential form: `1.5e-3`. */
function shortest(value: number, digits: 6 | 15): string {
  return digits === 6 ? shortestSingle(value) : shortestDouble(value);
}

function shortestDouble(value: number): string {
  const first = value.toExponential();
  if (isInside(first, value, 53)) return first;
  for (let count = 0; count < 16; count++) {
    const text = value.toExponential(count);
    if (Number(text) === value && isInside(text, value, 53)) return text;
  }
  return value.toExponential(16);
}

function shortestSingle(value: number): string {
  // Nine digits identify every single.
  for (let count = 0; count < 8; count++) {
    for (const text of nearest(value, count)) {
      const isSame = Math.fround(Number(text)) === value;
      if (isSame && isInside(text, value, 24)) return text;
    }
  }
  return value.toExponential(8);
}

/** Returns the nearest number with this many digits after the point, the even one of two, and the next one away from 0, which may be the only one above a power of two. */
function nearest(value: number, count: number): readonly string[] {
  const text = value.toExponential(count);
  const [, sign = "", whole = "", fraction = "", power = ""] =
    /^(-?)(\d)\.?(\d*)e(.*)$/.exec(text) ?? [];
  const figures = Number(whole + fraction);
  // `toExponential` rounds a half away from 0.
  const rest = value.toExponential(60).replace(/^-?\d\.|e[^e]*$/g, "").slice(
    count,
  );
  const isHalf = /^50*$/.test(rest);
  const even = isHalf && figures % 2 === 1 ? figures - 1 : figures;
  return [even, even + 1].map((figures) =>
    (Number(sign + "1") * figures).toExponential(count).replace(
      /e[^e]*$/,
      (exponent) =>
        `e${Number(power) + Number(exponent.slice(1)) - fraction.length}`,
    )
  );
}

/** Whether a number in exponential form is nearer to a float than to any other: PostgreSQL writes no number halfway between two floats. Those with few digits are beyond the integers that a float counts. */
function isInside(text: string, value: number, bits: 24 | 53): boolean {
  if (Math.abs(value) < 2 ** bits) return true;
  const [mantissa = "", power = ""] = text.replace("-", "").split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const zeros = Number(power) - fraction.length;
  // It has all digits of the integer.
  if (zeros < 0) return true;
  const shown = BigInt(whole + fraction) * 10n ** BigInt(zeros);
  const exact = BigInt(Math.abs(value));
  const width = exact.toString(2).length;
  const gap = 1n << BigInt(width - bits);
  // Below a power of two, the floats are half as far apart.
  const isBelow = shown < exact && exact === 1n << BigInt(width - 1);
  const distance = shown < exact ? exact - shown : shown - exact;
  return distance * (isBelow ? 4n : 2n) < gap;
}
