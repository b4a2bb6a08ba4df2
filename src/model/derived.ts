/**
 * A value that MongoDB documents hold besides a row's fields. It is computed
 * from them on every write, never taken from the caller, and not part of rows;
 * on SQL there is none. {@link point} makes one.
 */
export interface Derived {
  /** The fields it comes from. */
  readonly from: readonly string[];
  /** The value for a row, of which those fields are given. */
  readonly value: (row: Readonly<Record<string, unknown>>) => unknown;
  /**
   * The same as an aggregation expression, for a change of some of the fields:
   * the server has the others. `path` gives a field's path, as in `$meanra`.
   */
  readonly expression: (path: (field: string) => string) => unknown;
  /** Why one of the fields may not hold a value, which is not null. */
  readonly refuse?:
    | ((field: string, value: unknown) => string | undefined)
    | undefined;
  /** The index over it. */
  readonly index?: "2dsphere" | undefined;
}

/**
 * A position in the sky as MongoDB searches it: a GeoJSON point of right
 * ascension less 180 and declination, in degrees, with a `2dsphere` index. Null
 * where either is null. A right ascension outside 0 to 360 and a declination
 * outside -90 to 90 are refused on MongoDB.
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
      typeof longitude === "number" && typeof latitude === "number"
        ? { type: "Point", coordinates: [longitude - 180, latitude] }
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
        : `is not within ${least} to ${greatest} degrees`;
    },
    index: "2dsphere",
  };
}
