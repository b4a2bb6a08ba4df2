import type { AnyModel } from "../model/types.ts";
import type { Source } from "./input/source.ts";
import type { LoadTarget } from "./record/load_target.ts";
import { runLoad } from "./run_load.ts";
import type { LoadOptions, LoadReport } from "./types.ts";

/**
 * Loads the rows of a file into the table or collection of a model: CSV, TSV,
 * NDJSON or Avro, also compressed with gzip or zstd, or Parquet. The content
 * decides the format, not the name.
 *
 * CSV and TSV have a header with the names of fields. An empty value is null.
 * Dates are ISO 8601, in UTC if they name no time zone; floats may be `NaN`,
 * `inf`, and `-inf`, which the model accepts or not; booleans are `true`,
 * `false`, `t`, `f`, `1` or `0`; arrays and JSON values are JSON.
 *
 * Rows are read in constant memory and written in batches of 20,000, or of fewer
 * rows that have about 16 MiB of text, each in a transaction. If the load fails,
 * earlier batches stay, and `outcome` of the error is `"unknown"`. With `jobs`
 * above 1, the order of rows with the same key is undefined.
 *
 * With `resume`, each batch is recorded in the table `dbp_loads`, in the same
 * transaction: run again, the load continues where it ended, also if it was killed.
 *
 * @param db a connection, or a transaction on it
 * @param source the path or `file:` URL of a file, or a stream of bytes
 * @throws {ValidationError} if the file is no table of these formats, its columns
 * do not fit the model, or a row is invalid and `onRejected` is missing; with the
 * file and the line
 * @throws {LimitError} if a row or a compressed file exceeds its limit
 * @throws {QueryError} if an option is wrong
 * @example
 * ```ts
 * import { connect } from "@alerce/db-plugins";
 * import { load, type RejectedLine } from "@alerce/db-plugins/load";
 * import { AstroObject } from "@alerce/db-plugins/models";
 * import assert from "node:assert/strict";
 *
 * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await db.createDb();
 * const file = await Deno.makeTempFile({ suffix: ".csv" });
 * await Deno.writeTextFile(file, "oid,ndet,firstmjd\nZTF18a,3,58270.5\nZTF18b,many,58271\n");
 *
 * const rejected: RejectedLine[] = [];
 * const report = await load(db, AstroObject, file, {
 *   onRejected: (row) => void rejected.push(row),
 * });
 * assert.deepEqual([report.inserted, report.rejected], [1, 1]);
 * assert.deepEqual([rejected[0]?.line, rejected[0]?.problems[0]?.field], [3, "ndet"]);
 * await Deno.remove(file);
 * ```
 */
export async function load<M extends AnyModel>(
  db: LoadTarget,
  model: M,
  source: Source,
  options: LoadOptions<M> = {},
): Promise<LoadReport> {
  const { loadedAt: _at, unrecorded: _reason, ...report } = await runLoad(
    db,
    model,
    source,
    options,
  );
  return report;
}
