import { z } from "../base/zod.ts";

/**
 * A field of bytes: a `bytea` column, or binary data on MongoDB. Rows hold a
 * `Uint8Array`; `JSON.stringify(row)` writes base64.
 *
 * @example
 * ```ts
 * import { bytes, defineModel, SQLConnection } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * const Stamp = defineModel("stamp", {
 *   fields: z.object({ candid: z.int64(), fits: bytes().nullable() }),
 *   primaryKey: ["candid"],
 * });
 * await using db = new SQLConnection({ models: [Stamp] });
 * await db.connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await db.createDb();
 * await db.query(Stamp).bulkInsert([{ candid: 1n, fits: Uint8Array.of(31, 139) }]);
 * const [row] = await db.query(Stamp).findAll();
 * assert.deepEqual(row?.fits, Uint8Array.of(31, 139));
 * ```
 */
export function bytes(): z.ZodCustom<Uint8Array, Uint8Array> {
  return z.instanceof(Uint8Array);
}
