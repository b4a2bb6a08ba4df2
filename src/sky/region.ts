import { angularDistance, isPosition } from "./distance.ts";
import { scalarProduct, type Vector, vectorOf } from "./vector.ts";

/** All positions up to a distance from a position. */
export interface Cone {
  /** The kind of region. */
  readonly kind: "cone";
  /** Right ascension of the center in degrees, 0 to 360. */
  readonly ra: number;
  /** Declination of the center in degrees, -90 to 90. */
  readonly dec: number;
  /** The radius in arcseconds, 0 to 648,000. */
  readonly radius: number;
}

/** The positions within a convex polygon whose sides are parts of great circles. */
export interface Polygon {
  /** The kind of region. */
  readonly kind: "polygon";
  /** Unit vectors at right angles to the sides, towards the inside. */
  readonly sides: readonly Vector[];
  /** A cone that contains the polygon. */
  readonly around: Cone;
}

/** A part of the sky, with its edge. */
export type Region = Cone | Polygon;

/** Arcseconds by which a position may exceed a radius: greater than the rounding errors of every engine. */
export const CONE_TOLERANCE = 1e-9;
/** Radians by which a position may lie outside a side of a polygon: a microarcsecond. */
export const SIDE_TOLERANCE = 4.85e-12;

/** Whether a position is within a region. Null, NaN, and coordinates out of range are within no region. */
export function isWithin(region: Region, ra: unknown, dec: unknown): boolean {
  if (typeof ra !== "number" || typeof dec !== "number") return false;
  if (!isPosition(ra, dec)) return false;
  if (region.kind === "cone") {
    return angularDistance(ra, dec, region.ra, region.dec) <=
      region.radius + CONE_TOLERANCE;
  }
  const position = vectorOf(ra, dec);
  return region.sides.every((side) =>
    scalarProduct(side, position) >= -SIDE_TOLERANCE
  );
}
