/**
 * Files of rows: loads CSV, TSV, NDJSON, Avro and Parquet into the tables of models.
 *
 * @example
 * ```ts
 * import { connect } from "@alerce/db-plugins";
 * import { load } from "@alerce/db-plugins/load";
 * import { AstroObject } from "@alerce/db-plugins/models";
 * import assert from "node:assert/strict";
 *
 * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await db.createDb();
 * const objects = new Blob(["oid,ndet\nZTF18a,3\nZTF18b,5\n"]).stream();
 * assert.equal((await load(db, AstroObject, objects)).inserted, 2);
 * ```
 *
 * @module
 */
export { load } from "./load.ts";
export type {
  LoadOptions,
  LoadProgress,
  LoadReport,
  RejectedLine,
} from "./types.ts";
export type { LoadTarget } from "./record/load_target.ts";
export type { Source } from "./input/source.ts";
