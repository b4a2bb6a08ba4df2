import type { PositionFields } from "../../query/statement/position.ts";
import type { Condition } from "../../query/statement/condition.ts";
import { boundsOf, coneAround } from "../../sky/bounds.ts";
import { haversineOf } from "../../sky/distance.ts";
import {
  type Cone,
  CONE_TOLERANCE,
  type Polygon,
  type Region,
  SIDE_TOLERANCE,
} from "../../sky/region.ts";
import {
  indexedRegion,
  indexedValues,
  positionColumns,
} from "./position_index.ts";
import {
  appendNumbers,
  cosineText,
  isIndexed,
  keyOf,
  number,
  type Part,
  separationPart,
  withoutTiny,
  withoutUnderflow,
} from "./separation.ts";
import { columnText, type SqlWriter } from "./sql_writer.ts";

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
      const { ra, dec } = positionColumns(
        position,
        (field) => prefix + columnText(field),
      );
      return `(${coarse.text()} and case when ${ra} between 0 and 360 and ${dec} between -90 and 90 then ${inner.text()} end)`;
    },
  );
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
  const separation = separationPart(to, { position, ra, dec, radius });
  const limit = radius + CONE_TOLERANCE;
  const at = appendNumbers(to, [
    isIndexed(radius) ? haversineOf(limit) : limit,
  ]);
  return {
    key: `${separation.key} ${at}`,
    text: () => `${separation.text()} <= ${number(at)}`,
  };
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
      const columns = positionColumns(
        position,
        (field) => prefix + columnText(field),
      );
      const ra = withoutUnderflow(columns.ra);
      const dec = withoutUnderflow(columns.dec);
      const cosine = cosineText(dec);
      return `(select min(dbp_x * ${cosine} * cos(radians(${ra})) + dbp_y * ${cosine} * sin(radians(${ra})) + dbp_z * sin(radians(${dec}))) from unnest(${
        axes.map((axis) => `cast($${at + axis} as double precision[])`)
          .join(", ")
      }) as dbp_sides(dbp_x, dbp_y, dbp_z)) >= ${number(least)}`;
    },
  };
}
