import type { Field } from "../../model/field.ts";
import type {
  Nearest,
  PositionFields,
} from "../../query/statement/position.ts";
import type { Condition } from "../../query/statement/condition.ts";
import { boundsOf, coneAround } from "../../sky/bounds.ts";
import { cosineOf } from "../../sky/distance.ts";
import {
  CONE_TOLERANCE,
  type Polygon,
  type Region,
  SIDE_TOLERANCE,
} from "../../sky/region.ts";
import {
  indexedRegion,
  MAX_INDEXED,
  type PositionColumns,
  positionColumns,
} from "./position_index.ts";
import type { SqlWriter } from "./sql_writer.ts";

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
  const { ra, dec } = columnsOf(to, position);
  to.outline += `(${
    coarseText(to, position, region)
  } and case when ${ra} between 0 and 360 and ${dec} between -90 and 90 then `;
  if (region.kind === "cone") {
    to.outline += `${distanceText(to, { position, ...region })} <= ${
      number(to, region.radius + CONE_TOLERANCE)
    }`;
  } else writeSides(to, position, region);
  to.outline += " end)";
}

/** Returns a condition that an index can find: the position index, or one on the declination. */
function coarseText(
  to: SqlWriter,
  position: PositionFields,
  region: Region,
): string {
  const { positionIndex } = to;
  const indexed = positionIndex && indexedRegion(
    positionIndex,
    positionColumns(position, (field) => to.column(field)),
    region,
    (text, type) => `cast(${to.placeholder(text)} as ${type})`,
  );
  if (indexed !== undefined) return indexed;
  const [{ dec: [south, north] }] = boundsOf(coneAround(region));
  return `${to.column(position.dec)} between ${number(to, south)} and ${
    number(to, north)
  }`;
}

/** Returns SQL for the distance of a row from a position in arcseconds, as `angularDistance` computes it. */
export function distanceText(
  to: SqlWriter,
  { position, ra, dec, radius }: Nearest,
): string {
  return distanceBetween(
    columnsOf(to, position),
    {
      ra: number(to, ra),
      dec: number(to, dec),
      cosine: number(to, cosineOf(dec)),
    },
    radius !== undefined && radius <= MAX_INDEXED,
  );
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

/** Writes that a position is within all sides of a polygon. */
function writeSides(
  to: SqlWriter,
  position: PositionFields,
  { sides }: Polygon,
): void {
  const { ra, dec } = columnsOf(to, position);
  const cosine = cosineText(dec);
  const parts = [0, 1, 2].map((axis) =>
    `cast(${
      to.placeholder(`{${
        sides.map((side) => withoutTiny(side[axis] ?? 0)).join()
      }}`)
    } as double precision[])`
  );
  to.outline +=
    `(select min(dbp_x * ${cosine} * cos(radians(${ra})) + dbp_y * ${cosine} * sin(radians(${ra})) + dbp_z * sin(radians(${dec}))) from unnest(${
      parts.join(", ")
    }) as dbp_sides(dbp_x, dbp_y, dbp_z)) >= ${number(to, -SIDE_TOLERANCE)}`;
}

/** Returns the columns of a position as numbers whose products do not underflow. */
export function columnsOf(
  to: SqlWriter,
  { ra, dec }: PositionFields,
): PositionColumns {
  const value = (field: Field): string =>
    `(cast(${to.column(field)} as double precision) + ${TINY} - ${TINY})`;
  return { ra: value(ra), dec: value(dec) };
}

function haversine(degrees: string): string {
  return `power(sin(radians((${degrees}) / 2)), 2)`;
}

function cosineText(dec: string): string {
  return `sin(radians(90 - abs(${dec})))`;
}

/** Returns a placeholder for a number. */
function number(to: SqlWriter, value: number): string {
  return `cast(${
    to.placeholder(String(withoutTiny(value)))
  } as double precision)`;
}
