import type { Field } from "../../model/field.ts";
import type { PositionFields } from "../../query/statement/position.ts";
import { coneAround } from "../../sky/bounds.ts";
import { RADIANS } from "../../sky/distance.ts";
import type { Region } from "../../sky/region.ts";
import { type Vector, vectorOf } from "../../sky/vector.ts";
import { columnType } from "../codec/column_type.ts";

/** The extension that provides the functions of a position index. */
export type PositionExtension = "cube" | "q3c";

/** A position index that a table has. */
export interface PositionIndex {
  readonly using: PositionExtension;
  /** The text before the functions and operators of the extension: its schema and a dot. */
  readonly prefix: string;
}

/** The columns of a position as SQL of the type double precision. */
export interface PositionColumns {
  readonly ra: string;
  readonly dec: string;
}

/** Returns the columns of a position. */
export function positionColumns(
  { ra, dec }: PositionFields,
  column: (field: Field) => string,
): PositionColumns {
  const value = (field: Field): string =>
    columnType(field) === "double precision"
      ? column(field)
      : `cast(${column(field)} as double precision)`;
  return { ra: value(ra), dec: value(dec) };
}

/** The greatest radius in arcseconds for which an index is used; a larger cone contains many of the rows. */
export const MAX_INDEXED = 108_000;
/** The margin of a box around a cone, in radians: greater than all rounding errors. */
const BOX_MARGIN = 1e-11;
/** The margin of a radius in degrees. */
const RADIUS_MARGIN = 1e-8;

/**
 * Returns the expression of a position index.
 *
 * With cube, it is the unit vector; null for a row without a position, for which
 * the functions would fail. The cosine of `ra - 90` is the sine of `ra` that is
 * never so near to 0 that PostgreSQL rejects the product. It has no BETWEEN,
 * which PostgreSQL would print and parse back as another expression.
 */
export function positionKey(
  { using, prefix }: PositionIndex,
  { ra, dec }: PositionColumns,
): string {
  return using === "cube"
    ? `case when ${ra} >= 0 and ${ra} <= 360 and abs(${dec}) <= 90 then ${prefix}cube(array[cosd(${dec}) * cosd(${ra}), cosd(${dec}) * cosd(${ra} - 90), sind(${dec})]) end`
    : `${prefix}q3c_ang2ipix(${ra}, ${dec})`;
}

/** Returns the values of the condition of {@link indexedRegion}; undefined if a region is too large for an index. */
export function indexedValues(
  { using }: PositionIndex,
  region: Region,
): readonly string[] | undefined {
  const { ra, dec, radius } = coneAround(region);
  const degrees = radius / 3600;
  if (radius > MAX_INDEXED) return undefined;
  return using === "q3c"
    ? [ra, dec, degrees + RADIUS_MARGIN].map(String)
    : boxAround(ra, dec, degrees).map((corner) => `{${corner.join()}}`);
}

/**
 * Returns a condition that a position index can find and all positions of a
 * region satisfy.
 *
 * @param value returns the placeholder of one of the values, as a value of a type
 */
export function indexedRegion(
  index: PositionIndex,
  columns: PositionColumns,
  value: (index: number, type: string) => string,
): string {
  const { using, prefix } = index;
  if (using === "q3c") {
    const [ra, dec, reach] = [0, 1, 2].map((at) =>
      value(at, "double precision")
    );
    return `${prefix}q3c_radial_query(${columns.ra}, ${columns.dec}, ${ra}, ${dec}, ${reach})`;
  }
  const [least, greatest] = [0, 1].map((at) => value(at, "double precision[]"));
  return `(${
    positionKey(index, columns)
  }) operator(${prefix}<@) ${prefix}cube(${least}, ${greatest})`;
}

/** The numbers of a target as SQL: its position, the half of the side of its box, and its radius in arcseconds. */
export interface TargetColumns extends PositionColumns {
  readonly half: string;
  readonly radius: string;
}

/** Returns a condition that a position index can find, and that all rows near a target satisfy. */
export function indexedTargets(
  index: PositionIndex,
  columns: PositionColumns,
  { ra, dec, half, radius }: TargetColumns,
): string {
  const { using, prefix } = index;
  return using === "q3c"
    ? `${prefix}q3c_join(${ra}, ${dec}, ${columns.ra}, ${columns.dec}, ${radius} / 3600 + ${RADIUS_MARGIN})`
    : `(${
      positionKey(index, columns)
    }) operator(${prefix}<@) ${prefix}cube_enlarge(${prefix}cube(array[cosd(${dec}) * cosd(${ra}), cosd(${dec}) * cosd(${ra} - 90), sind(${dec})]), ${half}, 3)`;
}

/** Returns the half of the side of a box that contains a cone. */
export function boxHalf(degrees: number): number {
  return 2 * Math.sin(degrees / 2 * RADIANS) + BOX_MARGIN;
}

/** Returns the least and the greatest corner of a box that contains the unit vectors of a cone. */
export function boxAround(
  ra: number,
  dec: number,
  degrees: number,
): readonly [least: Vector, greatest: Vector] {
  const half = boxHalf(degrees);
  const [x, y, z] = vectorOf(ra, dec);
  return [
    [x - half, y - half, z - half],
    [x + half, y + half, z + half],
  ];
}
