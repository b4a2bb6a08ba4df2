import { angularDistance } from "./distance.ts";
import { type Polygon, SIDE_TOLERANCE } from "./region.ts";
import {
  normalOf,
  positionOfVector,
  scalarProduct,
  unit,
  type Vector,
  vectorOf,
} from "./vector.ts";

/**
 * Returns the convex polygon of some corners, in either direction.
 *
 * @param corners positions in degrees
 * @returns the polygon, or what is wrong with the corners
 */
export function polygonOf(
  corners: readonly (readonly [ra: number, dec: number])[],
): Polygon | string {
  if (corners.length < 3) {
    return `has ${corners.length} corners; a polygon has 3 or more`;
  }
  for (const [index, [ra, dec]] of corners.entries()) {
    const same = corners.slice(0, index).findIndex((other) =>
      angularDistance(ra, dec, other[0], other[1]) < 1e-6
    );
    if (same >= 0) {
      return `has the same corner at ${same} and ${index}; leave one out, also the first one at the end`;
    }
  }
  const vectors = corners.map(([ra, dec]) => vectorOf(ra, dec));
  const sides: Vector[] = [];
  for (const [index, vector] of vectors.entries()) {
    const next = (index + 1) % vectors.length;
    const side = normalOf(vector, vectors[next] ?? vector);
    if (side === undefined) {
      return `has opposite corners at ${index} and ${next}, with no shortest side between them`;
    }
    sides.push(side);
  }
  const inside = [1, -1].map((sign) => sides.map((side) => scaled(side, sign)))
    .find((sides) => isConvex(sides, vectors));
  if (inside === undefined) {
    return "is not convex: each side must have all other corners on one side of it";
  }
  return { kind: "polygon", sides: inside, around: coneAround(vectors) };
}

/** Whether all corners lie within all sides, and not all on one great circle. */
function isConvex(
  sides: readonly Vector[],
  corners: readonly Vector[],
): boolean {
  let width = 0;
  for (const side of sides) {
    for (const corner of corners) {
      const distance = scalarProduct(side, corner);
      if (distance < -SIDE_TOLERANCE) return false;
      width = Math.max(width, distance);
    }
  }
  return width > SIDE_TOLERANCE;
}

function scaled([x, y, z]: Vector, factor: number): Vector {
  return [x * factor, y * factor, z * factor];
}

/** Returns a cone that contains the corners, and so the polygon if its radius is less than 90 degrees. */
function coneAround(corners: readonly Vector[]): Polygon["around"] {
  const sum = corners.reduce<Vector>(
    ([x, y, z], corner) => [x + corner[0], y + corner[1], z + corner[2]],
    [0, 0, 0],
  );
  const [ra, dec] = positionOfVector(unit(sum));
  const radius = Math.max(
    ...corners.map((corner) => {
      const [otherRa, otherDec] = positionOfVector(corner);
      return angularDistance(ra, dec, otherRa, otherDec);
    }),
  );
  // A cone of 90 degrees or more need not contain the sides between its positions.
  return radius < 324_000
    ? { kind: "cone", ra, dec, radius: radius + 0.001 }
    : { kind: "cone", ra: 0, dec: 0, radius: 648_000 };
}
