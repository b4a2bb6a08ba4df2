import { RADIANS } from "../sky/distance.ts";

/** A position on the sky. */
export interface Position {
  /** Right ascension, J2000, in degrees from 0 to 360. */
  readonly ra: number;
  /** Declination, J2000, in degrees from -90 to 90. */
  readonly dec: number;
}

/**
 * Returns the mean of positions: the direction of the sum of their unit vectors
 * (Fisher 1953, "Dispersion on a sphere"). It is correct across RA 0/360 and at
 * the poles. The order of the positions can change the last bits.
 */
export function meanPosition(positions: readonly Position[]): Position {
  let [x, y, z] = [0, 0, 0];
  for (const { ra, dec } of positions) {
    x += Math.cos(dec * RADIANS) * Math.cos(ra * RADIANS);
    y += Math.cos(dec * RADIANS) * Math.sin(ra * RADIANS);
    z += Math.sin(dec * RADIANS);
  }
  const ra = Math.atan2(y, x) / RADIANS;
  return {
    ra: ra < 0 ? ra + 360 : ra,
    dec: Math.atan2(z, Math.hypot(x, y)) / RADIANS,
  };
}
