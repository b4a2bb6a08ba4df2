import type { Connection } from "../connection/connection.ts";
import { Place } from "./models.ts";

/** A position, or a part of one. */
export type Position = readonly [ra: number | null, dec: number | null];

/** Positions at the poles, at right ascension 0, opposite to each other, near each other, and incomplete ones. */
export const POSITIONS: readonly Position[] = [
  [0, 0],
  [360, 0],
  [359.9999, 0.0001],
  [180, 0],
  [10, 90],
  [250, 90],
  [10, 89.9999],
  [0, -90],
  [45, 45],
  [45.0001, 45],
  [225, -45],
  [225.00001, -45.00001],
  [null, 10],
  [10, null],
  [null, null],
  [5, 5],
];

/** Inserts a place at each of these positions, with its index as the key. */
export async function fillPlaces(db: Connection): Promise<void> {
  await db.query(Place).bulkInsert(
    POSITIONS.map(([ra, dec], id) => ({ id, ra, dec, part: id % 2 })),
  );
}

/** The distance in arcseconds by unit vectors, another formula than that of the queries. */
export function distanceBetween(a: Position, b: Position): number {
  const [p, q] = [a, b].map(([ra, dec]) => {
    const [x, y] = [Number(ra), Number(dec)].map((part) =>
      part * Math.PI / 180
    );
    return [
      Math.cos(Number(y)) * Math.cos(Number(x)),
      Math.cos(Number(y)) * Math.sin(Number(x)),
      Math.sin(Number(y)),
    ] as const;
  });
  if (p === undefined || q === undefined) return NaN;
  const cross = Math.hypot(
    p[1] * q[2] - p[2] * q[1],
    p[2] * q[0] - p[0] * q[2],
    p[0] * q[1] - p[1] * q[0],
  );
  const dot = p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
  return Math.atan2(cross, dot) / Math.PI * 648_000;
}
