/** Radians in a degree. */
export const RADIANS: number = Math.PI / 180;
/** Arcseconds in half a circle. */
const HALF_CIRCLE = 648_000;

/** Whether two numbers are a position: a right ascension from 0 to 360 and a declination from -90 to 90 degrees. */
export function isPosition(ra: number, dec: number): boolean {
  return ra >= 0 && ra <= 360 && dec >= -90 && dec <= 90;
}

/** Returns the cosine of a declination, which is 0 at the poles. */
export function cosineOf(dec: number): number {
  return Math.sin((90 - Math.abs(dec)) * RADIANS);
}

/**
 * Returns the great-circle distance of two positions in arcseconds.
 *
 * It is the haversine formula for the part up to 90 degrees, and the haversine
 * formula to the opposite position beyond: 2 atan2(√h, √g), where h and g are the
 * haversines of the distances to the position and to its opposite. So it is exact
 * near 0 and near 180 degrees. A distance of 0 is exactly 0, also across a right
 * ascension of 360 and at the poles.
 *
 * @param ra right ascension in degrees, 0 to 360
 * @param dec declination in degrees, -90 to 90
 * @param otherRa right ascension of the other position in degrees
 * @param otherDec declination of the other position in degrees
 * @example
 * ```ts
 * import { angularDistance } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 *
 * assert.equal(angularDistance(0, 10, 360, 10), 0);
 * assert.equal(angularDistance(20, -30, 200, 30), 648_000);
 * ```
 */
export function angularDistance(
  ra: number,
  dec: number,
  otherRa: number,
  otherDec: number,
): number {
  const turn = Math.abs(ra - otherRa);
  const angle = Math.min(turn, 360 - turn);
  const scale = cosineOf(dec) * cosineOf(otherDec);
  const near = haversine(dec - otherDec) + scale * haversine(angle);
  const far = haversine(dec + otherDec) + scale * haversine(180 - angle);
  const radians = 2 * Math.atan2(Math.sqrt(near), Math.sqrt(far));
  return Math.min(radians / RADIANS * 3600, HALF_CIRCLE);
}

/** Returns the haversine of an angle in arcseconds. It is greater for a greater angle, up to half a circle. */
export function haversineOf(arcseconds: number): number {
  return haversine(arcseconds / 3600);
}

function haversine(degrees: number): number {
  return Math.sin(degrees / 2 * RADIANS) ** 2;
}
