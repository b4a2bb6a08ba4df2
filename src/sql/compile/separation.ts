import type {
  Nearest,
  PositionFields,
} from "../../query/statement/position.ts";
import { cosineOf } from "../../sky/distance.ts";
import type { Cone } from "../../sky/region.ts";
import { columnType } from "../codec/column_type.ts";
import {
  MAX_INDEXED,
  type PositionColumns,
  positionColumns,
} from "./position_index.ts";
import { columnText, type SqlWriter } from "./sql_writer.ts";

/** PostgreSQL rejects a product that underflows, so numbers that are much nearer to 0 than this become 0; the sum with it and the difference leave all others as they are. */
const TINY = "double precision '1e-80'";
/** Degrees that are greater than all rounding errors. */
const MARGIN = 1e-6;

export function withoutTiny(value: number): number {
  return Math.abs(value) < 1e-80 ? 0 : value;
}

/** A part of a statement whose values are appended already. */
export interface Part {
  /** Differs for parts whose texts differ, besides by the columns of their position. */
  readonly key: string;
  readonly text: () => string;
}

/** Returns SQL that is greater for rows at greater distances, and equal for rows at the same one. */
export function separationText(to: SqlWriter, nearest: Nearest): string {
  const { key, text } = separationPart(to, nearest);
  return to.part(`${key} ${keyOf(to, nearest.position)}`, text);
}

/** The distance of a row in arcseconds as `angularDistance` computes it, or for small cones the haversine of the distance, which takes less time. */
export function separationPart(
  to: SqlWriter,
  { position, ra, dec, radius }: Nearest,
): Part {
  const { prefix } = to;
  const { at, cosine } = to.position?.ra === ra && to.position.dec === dec
    ? to.position
    : appendPosition(to, ra, dec);
  const given = { ra: number(at), dec: number(at + 1), cosine: number(at + 2) };
  const part = (kind: string, text: typeof distanceText): Part => ({
    key: `${kind} ${at}`,
    text: () =>
      text(
        positionColumns(position, (field) => prefix + columnText(field)),
        given,
      ),
  });
  if (!isIndexed(radius)) return part("distance", distanceText);
  return isAwayFromEdges({ ra, dec, radius, cosine })
    ? part("plain", plainHaversineText)
    : part("haversine", haversineText);
}

/** Whether an index finds a radius. The distance of a row within it is less than a quarter circle, where a greater distance has a greater haversine. */
export function isIndexed(radius: number | undefined): radius is number {
  return radius !== undefined && radius <= MAX_INDEXED;
}

/** Appends the numbers of a position, which the next conditions on it share. */
function appendPosition(
  to: SqlWriter,
  ra: number,
  dec: number,
): NonNullable<SqlWriter["position"]> {
  const cosine = cosineOf(dec);
  const at = appendNumbers(to, [ra, dec, cosine]);
  return to.position = { ra, dec, cosine, at };
}

/** Whether a cone certainly does not cross right ascension 0, has no pole, and is not so near to declination 0 that a product could underflow. */
function isAwayFromEdges(
  { ra, dec, radius, cosine }: Omit<Cone, "kind"> & { readonly cosine: number },
): boolean {
  const reach = 2 * (radius / 3600 + MARGIN) / cosine;
  return reach < 90 && ra > reach && ra < 360 - reach && Math.abs(dec) > 1e-60;
}

/** A position with the cosine of its declination, as SQL. */
type GivenColumns = PositionColumns & { readonly cosine: string };

/** Returns SQL for the haversine of the distance of a row from a position whose coordinates and cosine are SQL. */
export function haversineText(
  row: PositionColumns,
  given: GivenColumns,
): string {
  return haversineBetween(row, given, angleText(row, given));
}

/** Returns the same for cones that {@link isAwayFromEdges}. */
function plainHaversineText(row: PositionColumns, given: GivenColumns): string {
  return `${sineSquare(`${row.dec} - ${given.dec}`)} + ${
    scaleText(row, given)
  } * ${sineSquare(`${row.ra} - ${given.ra}`)}`;
}

function distanceText(row: PositionColumns, given: GivenColumns): string {
  const angle = angleText(row, given);
  const near = haversineBetween(row, given, angle);
  const far = `${sineSquare(withoutUnderflow(`${row.dec} + ${given.dec}`))} + ${
    scaleText(row, given)
  } * ${sineSquare(withoutUnderflow(`180 - ${angle}`))}`;
  return `degrees(2 * atan2(sqrt(${near}), sqrt(${far}))) * 3600`;
}

function haversineBetween(
  row: PositionColumns,
  given: GivenColumns,
  angle: string,
): string {
  return `${sineSquare(withoutUnderflow(`${row.dec} - ${given.dec}`))} + ${
    scaleText(row, given)
  } * ${sineSquare(withoutUnderflow(angle))}`;
}

/** Returns the angle between two right ascensions, in the shorter direction. */
function angleText(row: PositionColumns, given: PositionColumns): string {
  const turn = `abs(${row.ra} - ${given.ra})`;
  return `least(${turn}, 360 - ${turn})`;
}

/** Returns the product of the cosines of two declinations. */
function scaleText(row: PositionColumns, given: GivenColumns): string {
  return `${given.cosine} * ${cosineText(row.dec)}`;
}

const keys = new WeakMap<PositionFields, string>();

/** Returns a text that differs for positions whose columns have other texts in a statement. */
export function keyOf({ prefix }: SqlWriter, position: PositionFields): string {
  let key = keys.get(position);
  if (key === undefined) {
    const { ra, dec } = position;
    key = [ra, dec]
      .map((field) => `${columnText(field)} ${columnType(field)}`).join();
    keys.set(position, key);
  }
  return prefix + key;
}

/** Returns a number whose products do not underflow. */
export function withoutUnderflow(number: string): string {
  return `(${number} + ${TINY} - ${TINY})`;
}

/** Returns the square of the sine of half an angle in degrees. */
function sineSquare(degrees: string): string {
  return `power(sin(radians((${degrees}) / 2)), 2)`;
}

export function cosineText(dec: string): string {
  return `sin(radians(90 - abs(${dec})))`;
}

/** Appends numbers, and returns the number of the placeholder of the first one. */
export function appendNumbers(
  to: SqlWriter,
  numbers: readonly number[],
): number {
  return to.append(numbers.map(withoutTiny));
}

/** Returns a placeholder of {@link appendNumbers}. */
export function number(at: number): string {
  return `cast($${at} as double precision)`;
}
