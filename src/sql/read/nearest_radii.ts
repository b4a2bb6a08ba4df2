import type { FindStatement } from "../../query/statement/statement.ts";

/** The area of the sky in square arcseconds. */
const SKY = 4 * Math.PI * (648_000 / Math.PI) ** 2;
/** How many times greater each next cone is. */
const GROWTH = 4;

/**
 * Returns the radii in arcseconds in which a read looks for its nearest rows
 * before it looks in its own radius, one after the other until it has enough. The
 * first cone contains a few more rows than it needs if all rows are spread evenly
 * over the sky.
 *
 * @param rows the number of rows of the table, if it is known
 */
export function nearestRadii(
  { nearest, limit, offset, lock }: FindStatement,
  rows: number | undefined,
): readonly number[] {
  const radius = nearest?.radius;
  if (
    radius === undefined || limit === undefined || lock !== undefined ||
    rows === undefined || rows <= 0
  ) return [];
  const expected = 2 * (limit + offset) + 4;
  const first = Math.sqrt(expected / rows * SKY / Math.PI);
  const radii: number[] = [];
  for (let next = first; next < radius / 2; next *= GROWTH) radii.push(next);
  return radii;
}
