import { z } from "../base/zod.ts";
import { asInt16Check, INT16_MAX, INT16_MIN } from "./int16_range.ts";

const RANGE = asInt16Check(z.refine<number>(
  (value) => value >= INT16_MIN && value <= INT16_MAX,
  `must be from ${INT16_MIN} to ${INT16_MAX}`,
));

/**
 * A field of 16-bit integers, from -32768 to 32767: a `smallint` column, and an
 * `int` on MongoDB. Rows hold a number.
 *
 * @example
 * ```ts
 * import { defineModel, int16, SQLConnection, ValidationError } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * const Visit = defineModel("visit", {
 *   fields: z.object({ id: z.int64(), band: int16().meta({ description: "Band" }) }),
 *   primaryKey: ["id"],
 * });
 * await using db = new SQLConnection({ models: [Visit] });
 * await db.connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await db.createDb();
 * await db.query(Visit).bulkInsert([{ id: 1n, band: 6 }]);
 * await assert.rejects(
 *   db.query(Visit).bulkInsert([{ id: 2n, band: 40_000 }]),
 *   (error) => error instanceof ValidationError && /range of int16/.test(error.message),
 * );
 * ```
 */
export function int16(): z.ZodNumberFormat {
  return z.int32().check(RANGE);
}
