/** A range of right ascensions and one of declinations, in degrees. If the first right ascension is greater than the second, the range crosses 0. */
interface SkyBox {
  /** From the first right ascension eastwards to the second. */
  readonly ra: readonly [from: number, to: number];
  /** From the first declination to the second. */
  readonly dec: readonly [from: number, to: number];
}

/** Returns the ranges of right ascension of a box, from 0 to 360. Right ascension 0 and 360 are the same. */
export function rightAscensions(
  { ra: [from, to] }: SkyBox,
): readonly (readonly [from: number, to: number])[] {
  const ranges: (readonly [number, number])[] = from <= to
    ? [[from, to]]
    : [[from, 360], [0, to]];
  const hasZero = ranges.some(([least]) => least === 0);
  const hasCircle = ranges.some(([, greatest]) => greatest === 360);
  if (hasZero && !hasCircle) ranges.push([360, 360]);
  if (hasCircle && !hasZero) ranges.push([0, 0]);
  return ranges;
}
