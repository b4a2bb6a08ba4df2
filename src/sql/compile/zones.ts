import { type Bounds, boundsOf } from "../../sky/bounds.ts";
import type { Cone } from "../../sky/region.ts";
import type { SentValue } from "../link/link.ts";

/** The zones of a degree of declination: each is one arcminute high. */
const ZONES = 60;

/**
 * Returns the zone of a row, the first key of its index: null if the declination
 * is null, NaN, or out of range, and could overflow.
 *
 * @param dec the column of the declination as SQL of the type double precision
 */
export function zoneKey(dec: string): string {
  return `case when abs(${dec}) <= 90 then floor(${dec} * ${ZONES}) end`;
}

/** The keys of an index of zones as SQL. */
export interface ZoneColumns {
  readonly zone: string;
  readonly ra: string;
  readonly dec: string;
}

/** The zones of a small cone, with one of them twice if there is only one. */
const FEW_ZONES = 2;

/** Returns the values of the condition of {@link withinZones}. */
export function zoneValues(cone: Cone): readonly SentValue[] {
  return boundsOf(cone).flatMap(({ ra, dec }) => {
    const zones = zonesOf(dec);
    const [first = 0, last = first] = zones;
    return zones.length <= FEW_ZONES
      ? [first, last, ra[0], ra[1], dec[0], dec[1]]
      : [`{${zones.join()}}`, ra[0], ra[1], dec[0], dec[1]];
  });
}

/**
 * Returns a condition that an index of zones can find and that all positions of
 * a cone satisfy. The zones of a small cone are separate values: the server
 * assumes ten values in an array, and would plan each search anew.
 *
 * @param count the number of values
 * @param value returns the placeholder of one of the values, as a value of a type
 */
export function withinZones(
  { zone, ra, dec }: ZoneColumns,
  count: number,
  value: (index: number, type: string) => string,
): string {
  const number = (index: number): string => value(index, "double precision");
  const isSmall = count % (FEW_ZONES + BOUNDS) === 0;
  const zones = isSmall ? FEW_ZONES : 1;
  const range = (at: number): string => {
    const bounds = at + zones;
    const list = isSmall
      ? `array[${number(at)}, ${number(at + 1)}]`
      : value(at, "double precision[]");
    return `${zone} = any(${list}) and ${ra} between ${number(bounds)} and ${
      number(bounds + 1)
    } and ${dec} between ${number(bounds + 2)} and ${number(bounds + 3)}`;
  };
  const length = zones + BOUNDS;
  const ranges = Array.from(
    { length: count / length },
    (_, index) => range(index * length),
  );
  return `(${ranges.join(" or ")})`;
}

/** The numbers that bound a range of positions. */
const BOUNDS = 4;

type Range = Bounds["ra"];

/** A part of a cone that one scan of an index of zones finds. */
interface Strip {
  readonly zone: number;
  /** The least and the greatest right ascension. */
  readonly ra: Range;
  /** The least and the greatest declination. */
  readonly dec: Range;
}

/** Returns the strips that contain all positions of a cone, and no numbers that are no position. */
export function stripsOf(cone: Cone): readonly Strip[] {
  return boundsOf(cone).flatMap(({ ra, dec }) => {
    const strip = { ra: clipped(ra, 0, 360), dec: clipped(dec, -90, 90) };
    return zonesOf(strip.dec).map((zone) => ({ zone, ...strip }));
  });
}

function clipped([from, to]: Range, least: number, greatest: number): Range {
  return [Math.max(from, least), Math.min(to, greatest)];
}

function zonesOf([south, north]: Range): readonly number[] {
  const first = Math.floor(south * ZONES);
  const count = Math.floor(north * ZONES) - first + 1;
  return Array.from({ length: count }, (_, index) => first + index);
}
