import { cosineOf, RADIANS } from "./distance.ts";

/** A vector in space: x towards right ascension 0, z towards the north pole. */
export type Vector = readonly [x: number, y: number, z: number];

/** Returns the unit vector of a position in degrees. */
export function vectorOf(ra: number, dec: number): Vector {
  const scale = cosineOf(dec);
  return [
    scale * Math.cos(ra * RADIANS),
    scale * Math.sin(ra * RADIANS),
    Math.sin(dec * RADIANS),
  ];
}

/** Returns the position of a vector in degrees: right ascension and declination. */
export function positionOfVector(
  [x, y, z]: Vector,
): readonly [ra: number, dec: number] {
  const ra = Math.atan2(y, x) / RADIANS;
  return [ra < 0 ? ra + 360 : ra, Math.atan2(z, Math.hypot(x, y)) / RADIANS];
}

/** Returns the scalar product of two vectors. */
export function scalarProduct(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** Returns the unit vector at right angles to two unit vectors; undefined if they are equal or opposite, to within a microarcsecond. */
export function normalOf(a: Vector, b: Vector): Vector | undefined {
  const product: Vector = [
    a[1] * b[2] - a[2] * b[1],
    a[2] * b[0] - a[0] * b[2],
    a[0] * b[1] - a[1] * b[0],
  ];
  return Math.hypot(...product) < 5e-12 ? undefined : unit(product);
}

/** Returns the unit vector in the direction of a vector. */
export function unit([x, y, z]: Vector): Vector {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
