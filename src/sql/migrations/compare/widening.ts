/** The types that hold each value of a type exactly; `numeric` without a scale holds all numbers but NaN. */
const WIDER: Readonly<Record<string, readonly string[]>> = {
  smallint: ["integer", "bigint", "numeric", "real", "double precision"],
  integer: ["bigint", "numeric", "double precision"],
  bigint: ["numeric"],
  real: ["double precision"],
};

const DECIMAL = /^numeric\((?<precision>\d+),(?<scale>-?\d+)\)$/;

/**
 * Returns whether each value of a type is the same value in another one, or is
 * refused by the server, as a number out of range is. Other changes round,
 * cut, or reformat values.
 *
 * @param from the old type, as `format_type` prints it
 * @param to the new type
 */
export function isWidening(from: string, to: string): boolean {
  if (WIDER[from]?.includes(to)) return true;
  const scale = scaleOf(to);
  if (scale === undefined) return false;
  return WIDER[from]?.includes("numeric")
    ? scale >= 0
    : scale >= (scaleOf(from) ?? Infinity);
}

/** Returns the digits after the point that a `numeric` keeps; undefined for another type. */
function scaleOf(type: string): number | undefined {
  if (type === "numeric") return Infinity;
  const scale = DECIMAL.exec(type)?.groups?.scale;
  return scale === undefined ? undefined : Number(scale);
}
