import { RADIANS } from "../sky/distance.ts";

/** A position with its uncertainties along both axes, in any unit that all positions share. */
export interface WeightedPosition {
  /** Right ascension, J2000, in degrees. */
  readonly ra: number;
  /** Declination, J2000, in degrees. */
  readonly dec: number;
  readonly raErr: number;
  readonly decErr: number;
}

/**
 * Returns the mean of positions, each axis weighted by the inverse square of its
 * uncertainty. It is taken on the plane that touches the sky at the first
 * position, so it is correct across RA 0/360 and at the poles.
 */
export function weightedPosition(
  positions: readonly WeightedPosition[],
): { readonly ra: number; readonly dec: number } | undefined {
  const [first] = positions;
  if (first === undefined || positions.length === 1) return first;
  const [sin0, cos0] = [sine(first.dec), cosine(first.dec)];
  let [x, y, weightX, weightY] = [0, 0, 0, 0];
  for (const { ra, dec, raErr, decErr } of positions) {
    const [sin, cos] = [sine(dec), cosine(dec)];
    const [sinRa, cosRa] = [sine(ra - first.ra), cosine(ra - first.ra)];
    const depth = sin0 * sin + cos0 * cos * cosRa;
    // A position on the other half of the sky is not on the plane.
    if (depth <= 0) continue;
    const [right, up] = [1 / raErr ** 2, 1 / decErr ** 2];
    x += right * cos * sinRa / depth;
    y += up * (cos0 * sin - sin0 * cos * cosRa) / depth;
    weightX += right;
    weightY += up;
  }
  [x, y] = [x / weightX, y / weightY];
  const ra = first.ra + Math.atan2(x, cos0 - y * sin0) / RADIANS;
  return {
    ra: ra < 0 ? ra + 360 : ra >= 360 ? ra - 360 : ra,
    dec: Math.atan2(sin0 + y * cos0, Math.hypot(x, cos0 - y * sin0)) / RADIANS,
  };
}

function sine(degrees: number): number {
  return Math.sin(degrees * RADIANS);
}

function cosine(degrees: number): number {
  return Math.cos(degrees * RADIANS);
}
