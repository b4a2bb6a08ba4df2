import { assertModel } from "../query/checks/model.ts";
import type { AnyModel } from "../model/types.ts";
import type { RejectedRow, WriterTarget } from "../writer/types.ts";
import { type Batch, batchesOf } from "./batch.ts";
import { batchChecker, batchWriter } from "./batch_writer.ts";
import { openSource, type Source } from "./input/source.ts";
import { badRowError, batchError, withStored } from "./load_error.ts";
import { loadSettings } from "./options.ts";
import { readRows } from "./rows/read_rows.ts";
import { createSlots } from "./slots.ts";
import type { LoadOptions, LoadReport, RejectedLine } from "./types.ts";

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
 * Rows are read in constant memory and written in batches of 20,000, each in a
 * transaction. If the load fails, earlier batches stay, and `outcome` of the error
 * is `"unknown"`. With `jobs` above 1, the order of rows with the same key is
 * undefined.
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
  db: WriterTarget,
  model: M,
  source: Source,
  options: LoadOptions<M> = {},
): Promise<LoadReport> {
  assertModel(model);
  const settings = loadSettings(model, options);
  const { onRejected, onProgress, dryRun = false, signal } = options;
  signal?.throwIfAborted();
  const input = await openSource(source);
  const report = { rows: 0, inserted: 0, updated: 0, ignored: 0, rejected: 0 };
  const started = performance.now();
  const isStrict = onRejected === undefined;
  const slots = createSlots(
    settings.jobs,
    () =>
      dryRun
        ? batchChecker(model, settings, !isStrict)
        : batchWriter(db, model, settings, options),
  );

  const refuse = async (
    { malformed, places }: Batch,
    rejected: readonly RejectedRow[],
  ): Promise<void> => {
    const lines: RejectedLine[] = [
      ...malformed.map(({ line, index, row, problems = [] }) => ({
        model: model.name,
        file: input.name,
        line,
        index,
        row,
        problems,
      })),
      ...rejected.map((row) => ({
        ...row,
        file: input.name,
        line: 0,
        ...places[row.index],
      })),
    ];
    report.rejected += lines.length;
    lines.sort((one, other) => one.index - other.index);
    for (const line of lines) await onRejected?.(line);
  };

  const write = (batch: Batch): Promise<void> =>
    slots.run(async (writeBatch) => {
      const { rejected, ...written } = await writeBatch(batch.rows)
        .catch((error) => {
          throw batchError(error, model.name, input.name, batch);
        });
      report.inserted += written.inserted;
      report.updated += written.updated;
      report.ignored += written.ignored;
      await refuse(batch, rejected);
      report.rows += batch.rows.length + batch.malformed.length;
      onProgress?.({
        file: input.name,
        rows: report.rows,
        bytes: input.bytesRead(),
        totalBytes: input.totalBytes,
        rowsPerSecond: 1000 * report.rows / (performance.now() - started),
      });
    });

  try {
    const rows = readRows(input, settings.reading);
    for await (const batch of batchesOf(rows, settings.limit)) {
      signal?.throwIfAborted();
      const [bad] = batch.malformed;
      if (bad !== undefined && isStrict) {
        throw badRowError(model.name, input.name, {
          ...bad,
          problems: bad.problems ?? [],
        });
      }
      await write(batch);
    }
    await slots.finish();
  } catch (error) {
    await slots.settle();
    const { inserted, updated, ignored } = report;
    throw withStored(error, inserted + updated + ignored);
  }
  return report;
}
