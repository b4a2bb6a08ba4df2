import type {
  Nearest,
  PositionFields,
} from "../../query/statement/position.ts";
import type { Condition } from "../../query/statement/condition.ts";
import { boundsOf, coneAround } from "../../sky/bounds.ts";
import { cosineOf } from "../../sky/distance.ts";
import {
  type Cone,
  CONE_TOLERANCE,
  type Polygon,
  type Region,
  SIDE_TOLERANCE,
} from "../../sky/region.ts";
import { columnType } from "../codec/column_type.ts";
import {
  indexedRegion,
  indexedValues,
  MAX_INDEXED,
  type PositionColumns,
} from "./position_index.ts";
import { columnText, type SqlWriter } from "./sql_writer.ts";

/** PostgreSQL rejects a product that underflows, so numbers that are much nearer to 0 than this become 0; the sum with it and the difference leave all others as they are. */
const TINY = "double precision '1e-80'";

export function withoutTiny(value: number): number {
  return Math.abs(value) < 1e-80 ? 0 : value;
}

/** Writes that a position is within a region: a condition that an index can find, and the region itself. */
export function writeRegion(
  to: SqlWriter,
  { position, region }: Extract<Condition, { readonly kind: "sky" }>,
): void {
  const { prefix } = to;
  const coarse = coarsePart(to, position, region);
  const inner = region.kind === "cone"
    ? conePart(to, position, region)
    : sidesPart(to, position, region);
  to.outline += to.part(
    `within ${coarse.key} ${inner.key} ${keyOf(to, position)}`,
    () => {
      const { ra, dec } = withoutUnderflow(columnsIn(prefix, position));
      return `(${coarse.text()} and case when ${ra} between 0 and 360 and ${dec} between -90 and 90 then ${inner.text()} end)`;
    },
  );
}

/** A part of a statement whose values are appended already. */
interface Part {
  /** Differs for parts whose texts differ, besides by the columns of their position. */
  readonly key: string;
  readonly text: () => string;
}

/** Returns a condition that an index can find: the position index, or one on the declination. */
function coarsePart(
  to: SqlWriter,
  position: PositionFields,
  region: Region,
): Part {
  const { positionIndex: index, prefix } = to;
  const values = index && indexedValues(index, region);
  if (index !== undefined && values !== undefined) {
    const at = to.append(values);
    return {
      key: `${index.using} ${index.prefix} ${at} ${values.length}`,
      text: () =>
        indexedRegion(
          index,
          position,
          (field) => prefix + columnText(field),
          values.length,
          (place, type) => `cast($${at + place} as ${type})`,
        ),
    };
  }
  const [{ dec: [south, north] }] = boundsOf(coneAround(region));
  const at = appendNumbers(to, [south, north]);
  return {
    key: `dec ${at}`,
    text: () =>
      `${prefix}${columnText(position.dec)} between ${number(at)} and ${
        number(at + 1)
      }`,
  };
}

function conePart(
  to: SqlWriter,
  position: PositionFields,
  { ra, dec, radius }: Cone,
): Part {
  const distance = distancePart(to, { position, ra, dec, radius });
  const at = appendNumbers(to, [radius + CONE_TOLERANCE]);
  return {
    key: `${distance.key} ${at}`,
    text: () => `${distance.text()} <= ${number(at)}`,
  };
}

/** Returns SQL for the distance of a row from a position in arcseconds, as `angularDistance` computes it. */
export function distanceText(to: SqlWriter, nearest: Nearest): string {
  const { key, text } = distancePart(to, nearest);
  return to.part(`${key} ${keyOf(to, nearest.position)}`, text);
}

function distancePart(
  to: SqlWriter,
  { position, ra, dec, radius }: Nearest,
): Part {
  const { prefix } = to;
  const { at } = to.position?.ra === ra && to.position.dec === dec
    ? to.position
    : (to.position = {
      ra,
      dec,
      at: appendNumbers(to, [ra, dec, cosineOf(dec)]),
    });
  const isNear = radius !== undefined && radius <= MAX_INDEXED;
  return {
    key: `${isNear ? "near" : "distance"} ${at}`,
    text: () =>
      distanceBetween(
        withoutUnderflow(columnsIn(prefix, position)),
        { ra: number(at), dec: number(at + 1), cosine: number(at + 2) },
        isNear,
      ),
  };
}

/**
 * Returns SQL for the distance of a row from a position whose coordinates and
 * cosine are SQL.
 *
 * @param isNear whether only distances up to a radius that an index finds must
 * be exact, so that half of the expression is enough
 */
export function distanceBetween(
  row: PositionColumns,
  given: PositionColumns & { readonly cosine: string },
  isNear: boolean,
): string {
  const turn = `abs(${row.ra} - ${given.ra})`;
  const angle = `least(${turn}, 360 - ${turn})`;
  const scale = `${given.cosine} * ${cosineText(row.dec)}`;
  const near = `${haversine(`${row.dec} - ${given.dec}`)} + ${scale} * ${
    haversine(angle)
  }`;
  if (isNear) return `degrees(2 * asin(least(sqrt(${near}), 1))) * 3600`;
  const far = `${haversine(`${row.dec} + ${given.dec}`)} + ${scale} * ${
    haversine(`180 - ${angle}`)
  }`;
  return `degrees(2 * atan2(sqrt(${near}), sqrt(${far}))) * 3600`;
}

/** Returns a condition that a position is within all sides of a polygon. */
function sidesPart(
  to: SqlWriter,
  position: PositionFields,
  { sides }: Polygon,
): Part {
  const { prefix } = to;
  const axes = [0, 1, 2];
  const at = to.append(
    axes.map((axis) =>
      `{${sides.map((side) => withoutTiny(side[axis] ?? 0)).join()}}`
    ),
  );
  const least = appendNumbers(to, [-SIDE_TOLERANCE]);
  return {
    key: `sides ${at}`,
    text: () => {
      const { ra, dec } = withoutUnderflow(columnsIn(prefix, position));
      const cosine = cosineText(dec);
      return `(select min(dbp_x * ${cosine} * cos(radians(${ra})) + dbp_y * ${cosine} * sin(radians(${ra})) + dbp_z * sin(radians(${dec}))) from unnest(${
        axes.map((axis) => `cast($${at + axis} as double precision[])`)
          .join(", ")
      }) as dbp_sides(dbp_x, dbp_y, dbp_z)) >= ${number(least)}`;
    },
  };
}

const keys = new WeakMap<PositionFields, string>();

/** Returns a text that differs for positions whose columns have other texts in a statement. */
function keyOf({ prefix }: SqlWriter, position: PositionFields): string {
  let key = keys.get(position);
  if (key === undefined) {
    const { ra, dec } = position;
    key = [ra, dec]
      .map((field) => `${columnText(field)} ${columnType(field)}`).join();
    keys.set(position, key);
  }
  return prefix + key;
}

/** Returns the columns of a position as numbers whose products do not underflow. */
export function columnsOf(
  { prefix }: SqlWriter,
  position: PositionFields,
): PositionColumns {
  return withoutUnderflow(columnsIn(prefix, position));
}

function columnsIn(
  prefix: string,
  { ra, dec }: PositionFields,
): PositionColumns {
  return { ra: prefix + columnText(ra), dec: prefix + columnText(dec) };
}

function withoutUnderflow({ ra, dec }: PositionColumns): PositionColumns {
  const value = (column: string): string =>
    `(cast(${column} as double precision) + ${TINY} - ${TINY})`;
  return { ra: value(ra), dec: value(dec) };
}

function haversine(degrees: string): string {
  return `power(sin(radians((${degrees}) / 2)), 2)`;
}

function cosineText(dec: string): string {
  return `sin(radians(90 - abs(${dec})))`;
}

/** Appends numbers, and returns the number of the placeholder of the first one. */
function appendNumbers(to: SqlWriter, numbers: readonly number[]): number {
  return to.append(numbers.map((value) => String(withoutTiny(value))));
}

/** Returns a placeholder of {@link appendNumbers}. */
function number(at: number): string {
  return `cast($${at} as double precision)`;
}
