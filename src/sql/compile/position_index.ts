import type { Field } from "../../model/field.ts";
import type { PositionFields } from "../../query/statement/position.ts";
import { coneAround } from "../../sky/bounds.ts";
import { RADIANS } from "../../sky/distance.ts";
import type { Region } from "../../sky/region.ts";
import { type Vector, vectorOf } from "../../sky/vector.ts";
import type { SentValue } from "../link/link.ts";
import { columnType } from "../codec/column_type.ts";
import { withinZones, type ZoneColumns, zoneKey, zoneValues } from "./zones.ts";

/** The extension that provides the functions of a position index. */
export type PositionExtension = "cube" | "q3c";

/** What a position index consists of: zones of declinations, which need no extension, or values of an extension. */
export type PositionIndexKind = "zones" | PositionExtension;

/** A position index that a table has. */
export interface PositionIndex {
  readonly using: PositionIndexKind;
  /** The text before the functions and operators of the extension: its schema and a dot; empty without one. */
  readonly prefix: string;
  /** The number of rows of the table when the server last counted them, if it did. */
  readonly rows?: number | undefined;
}

/** The columns of a position as SQL of the type double precision. */
export interface PositionColumns {
  readonly ra: string;
  readonly dec: string;
}

/** Returns the columns of a position as SQL of the type double precision. */
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
/** The margin of a radius in degrees: `q3c_radial_query` misses rows in cones of less than 2e-6 degrees. */
const RADIUS_MARGIN = 1e-5;

/** The keys of an index: columns, and expressions. */
type Key = { readonly field: string } | { readonly sql: string };

/** Returns the keys of a position index. */
export function positionKeys(
  index: PositionIndex,
  position: PositionFields,
  column: (field: Field) => string,
): Key[] {
  const columns = positionColumns(position, column);
  if (index.using !== "zones") return [{ sql: extensionKey(index, columns) }];
  const { ra, dec } = position;
  return [
    { sql: zoneKey(columns.dec) },
    { field: ra.column },
    { field: dec.column },
  ];
}

/**
 * Returns the expression of the index of an extension.
 *
 * With cube, it is the unit vector; null for a row without a position, for which
 * the functions would fail. The cosine of `ra - 90` is the sine of `ra` that is
 * never so near to 0 that PostgreSQL rejects the product. It has no BETWEEN,
 * which PostgreSQL would print and parse back as another expression.
 */
function extensionKey(
  { using, prefix }: PositionIndex,
  { ra, dec }: PositionColumns,
): string {
  return using === "cube"
    ? `case when ${ra} >= 0 and ${ra} <= 360 and abs(${dec}) <= 90 then ${prefix}cube(array[cosd(${dec}) * cosd(${ra}), cosd(${dec}) * cosd(${ra} - 90), sind(${dec})]) end`
    : `${prefix}q3c_ang2ipix(${ra}, ${dec})`;
}

/** Returns the keys of an index of zones. */
export function zoneColumns(
  position: PositionFields,
  column: (field: Field) => string,
): ZoneColumns {
  return {
    zone: zoneKey(positionColumns(position, column).dec),
    ra: column(position.ra),
    dec: column(position.dec),
  };
}

/** Returns the values of the condition of {@link indexedRegion}; undefined if a region is too large for an index. */
export function indexedValues(
  { using }: PositionIndex,
  region: Region,
): readonly SentValue[] | undefined {
  const cone = coneAround(region);
  const { ra, dec, radius } = cone;
  const degrees = radius / 3600;
  if (radius > MAX_INDEXED) return undefined;
  if (using === "zones") return zoneValues(cone);
  return using === "q3c"
    ? [ra, dec, degrees + RADIUS_MARGIN]
    : boxAround(ra, dec, degrees).map((corner) => `{${corner.join()}}`);
}

/**
 * Returns a condition that a position index can find and all positions of a
 * region satisfy.
 *
 * @param count the number of values
 * @param value returns the placeholder of one of the values, as a value of a type
 */
export function indexedRegion(
  index: PositionIndex,
  position: PositionFields,
  column: (field: Field) => string,
  count: number,
  value: (index: number, type: string) => string,
): string {
  const { using, prefix } = index;
  if (using === "zones") {
    return withinZones(zoneColumns(position, column), count, value);
  }
  const columns = positionColumns(position, column);
  if (using === "q3c") {
    const [ra, dec, reach] = [0, 1, 2].map((at) =>
      value(at, "double precision")
    );
    return `${prefix}q3c_radial_query(${columns.ra}, ${columns.dec}, ${ra}, ${dec}, ${reach})`;
  }
  const [least, greatest] = [0, 1].map((at) => value(at, "double precision[]"));
  return `(${
    extensionKey(index, columns)
  }) operator(${prefix}<@) ${prefix}cube(${least}, ${greatest})`;
}

/** The numbers of a target as SQL: its position, the half of the side of its box, and its radius in arcseconds. */
export interface TargetColumns extends PositionColumns {
  readonly half: string;
  readonly radius: string;
}

/** Returns a condition that the index of an extension can find, and that all rows near a target satisfy. */
export function indexedTargets(
  index: PositionIndex,
  columns: PositionColumns,
  { ra, dec, half, radius }: TargetColumns,
): string {
  const { using, prefix } = index;
  return using === "q3c"
    ? `${prefix}q3c_join(${ra}, ${dec}, ${columns.ra}, ${columns.dec}, ${radius} / 3600 + ${RADIUS_MARGIN})`
    : `(${
      extensionKey(index, columns)
    }) operator(${prefix}<@) ${prefix}cube_enlarge(${prefix}cube(array[cosd(${dec}) * cosd(${ra}), cosd(${dec}) * cosd(${ra} - 90), sind(${dec})]), ${half}, 3)`;
}

/** Returns the half of the side of a box that contains a cone. */
export function boxHalf(degrees: number): number {
  return 2 * Math.sin(degrees / 2 * RADIANS) + BOX_MARGIN;
}

/** Returns the least and the greatest corner of a box that contains the unit vectors of a cone. */
function boxAround(
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
