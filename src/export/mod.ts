/**
 * Rows to files: writes the rows of a model as CSV, TSV, NDJSON or Parquet.
 *
 * @example
 * ```ts
 * import { connect } from "@alerce/db-plugins";
 * import { exportRows } from "@alerce/db-plugins/export";
 * import { AstroObject } from "@alerce/db-plugins/models";
 * import assert from "node:assert/strict";
 *
 * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await db.createDb();
 * await db.query(AstroObject).bulkInsert([{ oid: "ZTF18a", ndet: 3 }]);
 *
 * const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
 * const text = new Response(readable).text();
 * await exportRows(db, AstroObject, writable, { select: ["oid", "ndet"] });
 * assert.equal(await text, "oid,ndet\nZTF18a,3\n");
 * ```
 *
 * @module
 */
export { exportRows } from "./export_rows.ts";
export type {
  ExportOptions,
  ExportProgress,
  ExportReport,
  ExportSource,
  Sink,
} from "./types.ts";
export type { ExportFormat } from "./output/file_name.ts";
