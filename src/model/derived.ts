/**
 * A value that MongoDB documents hold in addition to the fields of a row. Every write
 * computes it from those fields; callers cannot set it and rows do not contain
 * it. SQL tables have no derived values. {@link point} creates one.
 */
export interface Derived {
  /** The fields that it is computed from. */
  readonly from: readonly string[];
  /** Returns the value for a row that has those fields. */
  readonly value: (row: Readonly<Record<string, unknown>>) => unknown;
  /**
   * Returns the value as an aggregation expression, for an update of some of the
   * fields. `path` returns the path of a field: `$meanra`.
   */
  readonly expression: (path: (field: string) => string) => unknown;
  /** Returns why one of the fields cannot hold a value other than null, or undefined if it can. */
  readonly refuse?:
    | ((field: string, value: unknown) => string | undefined)
    | undefined;
  /** The index on the value. */
  readonly index?: "2dsphere" | undefined;
}

/**
 * A position on the sky, for searches on MongoDB: a GeoJSON point with the
 * coordinates right ascension - 180 and declination, in degrees, and a `2dsphere`
 * index. It is null if either field is null. MongoDB writes reject a right
 * ascension outside 0 to 360 and a declination outside -90 to 90.
 *
 * @param ra the field of the right ascension, in degrees
 * @param dec the field of the declination, in degrees
 * @example
 * ```ts
 * import { defineModel, point } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * const Source = defineModel("source", {
 *   fields: z.object({ id: z.int64(), ra: z.float64(), dec: z.float64() }),
 *   primaryKey: ["id"],
 *   mongo: { derived: { loc: point("ra", "dec") } },
 * });
 * assert.deepEqual(
 *   Source.mongo.derived.get("loc")?.value({ ra: 200, dec: -30 }),
 *   { type: "Point", coordinates: [20, -30] },
 * );
 * ```
 */
export function point(ra: string, dec: string): Derived {
  return {
    from: [ra, dec],
    value: ({ [ra]: longitude, [dec]: latitude }) =>
      isNumeric(longitude) && isNumeric(latitude)
        ? {
          type: "Point",
          coordinates: [Number(longitude) - 180, Number(latitude)],
        }
        : null,
    expression: (path) => ({
      $cond: [
        { $and: [{ $isNumber: path(ra) }, { $isNumber: path(dec) }] },
        {
          type: "Point",
          coordinates: [{ $subtract: [path(ra), 180] }, path(dec)],
        },
        null,
      ],
    }),
    refuse(field, value) {
      const [least, greatest] = field === ra ? [0, 360] : [-90, 90];
      return Number(value) >= least && Number(value) <= greatest
        ? undefined
        : `is outside ${least} to ${greatest} degrees`;
    },
    index: "2dsphere",
  };
}

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}
