import type { Document } from "mongodb";
import type { AnyModel } from "../../model/types.ts";
import type {
  Nearest,
  PositionFields,
} from "../../query/statement/position.ts";
import type { Condition } from "../../query/statement/condition.ts";
import { boundsOf, coneAround } from "../../sky/bounds.ts";
import { cosineOf, RADIANS } from "../../sky/distance.ts";
import {
  type Cone,
  CONE_TOLERANCE,
  type Polygon,
  SIDE_TOLERANCE,
} from "../../sky/region.ts";

/** Arcseconds that are added to a radius that an index finds: greater than all rounding errors. */
const MARGIN = 1e-4;
/** The greatest radius in arcseconds for which an index is used: a greater circle contains more than half of the sky. */
const MAX_INDEXED = 324_000 - 1;

/** Compiles that a position is within a region: within a circle, which an index can find, and within the region itself. */
export function regionFilter(
  model: AnyModel,
  { position, region }: Extract<Condition, { readonly kind: "sky" }>,
): Document {
  const exact = region.kind === "cone"
    ? {
      $lte: [
        distanceFrom({ position, ...region }),
        region.radius + CONE_TOLERANCE,
      ],
    }
    : isWithinSides(position, region);
  const { ra, dec } = pathsOf(position);
  return {
    $and: [coarseFilter(model, position, coneAround(region)), {
      $expr: {
        $cond: [
          {
            $and: [
              { $gte: [ra, 0] },
              { $lte: [ra, 360] },
              { $gte: [dec, -90] },
              { $lte: [dec, 90] },
            ],
          },
          exact,
          false,
        ],
      },
    }],
  };
}

/** Returns an expression for the distance of a document from a position in arcseconds, as `angularDistance` computes it. */
export function distanceFrom({ position, ra, dec }: Nearest): Document {
  const row = pathsOf(position);
  return {
    $let: {
      vars: { turn: { $abs: { $subtract: [row.ra, ra] } } },
      in: {
        $let: {
          vars: {
            angle: { $min: ["$$turn", { $subtract: [360, "$$turn"] }] },
            scale: { $multiply: [cosineOf(dec), cosine(row.dec)] },
          },
          in: distance(
            [{ $subtract: [row.dec, dec] }, "$$angle"],
            [{ $add: [row.dec, dec] }, { $subtract: [180, "$$angle"] }],
          ),
        },
      },
    },
  };
}

/** The distance from the differences to the position and to its opposite. */
function distance(
  near: readonly [dec: unknown, ra: unknown],
  far: readonly [dec: unknown, ra: unknown],
): Document {
  const root = ([dec, ra]: typeof near): Document => ({
    $sqrt: {
      $add: [haversine(dec), { $multiply: ["$$scale", haversine(ra)] }],
    },
  });
  return {
    $multiply: [
      {
        $radiansToDegrees: {
          $multiply: [2, { $atan2: [root(near), root(far)] }],
        },
      },
      3600,
    ],
  };
}

function isWithinSides(
  position: PositionFields,
  { sides }: Polygon,
): Document {
  const { ra, dec } = pathsOf(position);
  const angle = { $degreesToRadians: ra };
  const part = (factor: Document): Document => ({
    $multiply: [cosine(dec), factor],
  });
  return {
    $let: {
      vars: {
        x: part({ $cos: angle }),
        y: part({ $sin: angle }),
        z: { $sin: { $degreesToRadians: dec } },
      },
      in: {
        $and: sides.map(([x, y, z]) => ({
          $gte: [
            {
              $add: [
                { $multiply: [x, "$$x"] },
                { $multiply: [y, "$$y"] },
                { $multiply: [z, "$$z"] },
              ],
            },
            -SIDE_TOLERANCE,
          ],
        })),
      },
    },
  };
}

/** Returns the derived point of a position that has a 2dsphere index. */
export function indexedPoint(
  { mongo: { derived } }: AnyModel,
  { ra, dec }: PositionFields,
): string | undefined {
  const [point] =
    [...derived].find(([, { index, from }]) =>
      index === "2dsphere" && from[0] === ra.name && from[1] === dec.name
    ) ?? [];
  return point;
}

/** Returns a filter that an index can answer, and that all positions of a cone match. */
export function coarseFilter(
  model: AnyModel,
  { ra, dec }: PositionFields,
  cone: Cone,
): Document {
  const point = indexedPoint(model, { ra, dec });
  if (point !== undefined && cone.radius < MAX_INDEXED) {
    return {
      [point]: {
        $geoWithin: {
          $centerSphere: [
            [cone.ra - 180, cone.dec],
            (cone.radius + MARGIN) / 3600 * RADIANS,
          ],
        },
      },
    };
  }
  const [{ dec: [south, north] }] = boundsOf(cone);
  return { [dec.column]: { $gte: south, $lte: north } };
}

function pathsOf(
  { ra, dec }: PositionFields,
): { readonly ra: string; readonly dec: string } {
  return { ra: `$${ra.column}`, dec: `$${dec.column}` };
}

function haversine(degrees: unknown): Document {
  return {
    $pow: [{ $sin: { $degreesToRadians: { $divide: [degrees, 2] } } }, 2],
  };
}

function cosine(dec: string): Document {
  return { $sin: { $degreesToRadians: { $subtract: [90, { $abs: dec }] } } };
}
