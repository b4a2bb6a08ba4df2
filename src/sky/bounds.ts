import { RADIANS } from "./distance.ts";
import type { Cone, Region } from "./region.ts";

/** A range of right ascensions and declinations in degrees that does not cross right ascension 0. */
export interface Bounds {
  /** The least and the greatest right ascension. */
  readonly ra: readonly [from: number, to: number];
  /** The least and the greatest declination. */
  readonly dec: readonly [from: number, to: number];
}

/** Degrees that are added on each side: greater than all rounding errors. */
const MARGIN = 1e-8;

/** Returns a cone that contains a region. */
export function coneAround(region: Region): Cone {
  return region.kind === "cone" ? region : region.around;
}

/** Returns one or two ranges that contain a cone; two if it crosses right ascension 0. */
export function boundsOf(
  { ra, dec, radius }: Cone,
): readonly [Bounds, ...Bounds[]] {
  const degrees = radius / 3600 + MARGIN;
  const decs = [dec - degrees, dec + degrees] as const;
  if (decs[0] <= -90 || decs[1] >= 90) {
    return [{ ra: [-MARGIN, 360 + MARGIN], dec: decs }];
  }
  const half = Math.asin(
        Math.min(
          1,
          Math.sin(degrees * RADIANS) / Math.cos(dec * RADIANS),
        ),
      ) / RADIANS + MARGIN;
  const [from, to] = [ra - half, ra + half];
  const range = (from: number, to: number): Bounds => ({
    ra: [from, to],
    dec: decs,
  });
  if (from <= 0) return [range(-MARGIN, to), range(from + 360, 360 + MARGIN)];
  if (to >= 360) return [range(from, 360 + MARGIN), range(-MARGIN, to - 360)];
  return [range(from, to)];
}
