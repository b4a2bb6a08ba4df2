import { pipeline } from "node:stream/promises";
import { FileError } from "../base/errors/mod.ts";
import type { AnyModel } from "../model/types.ts";
import { assertModel } from "../query/checks/model.ts";
import { type ExportSettings, exportSettings } from "./options.ts";
import type { RowEncoder } from "./output/encoder.ts";
import { assertPositions } from "./assert_positions.ts";
import { writeCells } from "./partition/write_cells.ts";
import { writeNights } from "./partition/nights.ts";
import { encodedParts, PART } from "./output/encoded_parts.ts";
import { writeFile } from "./output/write_file.ts";
import { writeFolder } from "./output/write_folder.ts";
import type { WriteParts } from "./output/write_parts.ts";
import { writeStream } from "./output/write_stream.ts";
import { parquetEncoder } from "./parquet/encoder.ts";
import {
  neededFields,
  orderField,
  type Partition,
} from "./partition/partition.ts";
import { csvEncoder } from "./text/csv_text.ts";
import { ndjsonEncoder } from "./text/ndjson_text.ts";
import type {
  ExportOptions,
  ExportReport,
  ExportSource,
  Sink,
} from "./types.ts";

/**
 * Writes the rows of a model to a file: CSV, TSV or NDJSON, also compressed with
 * gzip or zstd, or Parquet, by the end of its name: `night.csv.gz`. `load` reads
 * the file back to equal rows.
 *
 * The file gets its name when it is complete; until then it is a `.part` file in
 * the same folder, which is removed if the export fails. Rows are read in constant
 * memory. On PostgreSQL they are one snapshot of the table.
 *
 * With `partitionBy`, the sink is the path of a new folder, which gets a file for
 * each night, or a HATS catalog with a file for each HEALPix cell.
 *
 * @param db a connection, or a transaction on it
 * @param sink the path or `file:` URL of a file, or a stream of bytes, which is
 * closed at the end
 * @returns the number of rows and bytes
 * @throws {QueryError} if an option is wrong, or the name does not say the format
 * @throws {FileError} if the file cannot be written, such as on a full disk
 * @example
 * ```ts
 * import { connect } from "@alerce/db-plugins";
 * import { exportRows } from "@alerce/db-plugins/export";
 * import { AstroObject } from "@alerce/db-plugins/models";
 * import assert from "node:assert/strict";
 *
 * await using db = await connect({ ENGINE: "pglite", DB_NAME: "memory://" });
 * await db.createDb();
 * await db.query(AstroObject).bulkInsert([{ oid: "ZTF18a", ndet: 3 }, { oid: "ZTF18b", ndet: 9 }]);
 *
 * const file = await Deno.makeTempFile({ suffix: ".csv" });
 * const report = await exportRows(db, AstroObject, file, {
 *   filterBy: { ndet: { gte: 5 } },
 *   select: ["oid", "ndet"],
 * });
 * assert.equal(report.rows, 1);
 * assert.equal(await Deno.readTextFile(file), "oid,ndet\nZTF18b,9\n");
 * await Deno.remove(file);
 * ```
 */
export async function exportRows<M extends AnyModel>(
  db: ExportSource,
  model: M,
  sink: Sink,
  options: ExportOptions<M> = {},
): Promise<ExportReport> {
  assertModel(model);
  const settings = exportSettings(model, sink, options);
  const rows = rowsOf(db, model, options, settings.partition);
  const { signal, onProgress } = options;
  const progress = { rows: 0, bytes: 0 };
  const onRows = (count: number): void => {
    progress.rows += count;
    onProgress?.({ ...progress });
  };
  const counted = (write: WriteParts): WriteParts => (stored) =>
    write(withCount(stored, (bytes) => progress.bytes += bytes));
  const { partition, format, limit } = settings;
  const oneFile = async (write: WriteParts): Promise<void> => {
    const encoder = await encoderOf(model, settings);
    const parts = encodedParts(rows, encoder, limit, onRows);
    await (settings.compress === undefined
      ? counted(write)(parts)
      : pipeline(parts, settings.compress(), counted(write)));
    signal?.throwIfAborted();
  };
  try {
    if (typeof settings.sink !== "string") {
      await writeStream(settings.sink, oneFile, signal);
    } else if (partition === undefined) {
      await writeFile(settings.sink, oneFile);
    } else {
      await writeFolder(settings.sink, async (folder) => {
        if (partition.kind === "night") {
          await writeNights(folder, rows, {
            ...{ field: partition.field, format, limit, onRows, counted },
            encoder: () => encoderOf(model, settings),
          });
        } else {
          const onBytes = (bytes: number) => void (progress.bytes += bytes);
          await assertPositions(db, model, partition, options);
          await writeCells(folder, rows, {
            ...{ model, partition, fields: settings.fields },
            ...{ limit, onRows, onBytes },
          });
        }
        signal?.throwIfAborted();
      });
    }
  } catch (error) {
    throw exportError(error, model.name, settings.sink);
  }
  return { ...progress, format: settings.format };
}

/** Returns the rows; the query checks its options now. */
function rowsOf(
  db: ExportSource,
  model: AnyModel,
  { filterBy, orderBy, select, signal, timeout, on }: ExportOptions<AnyModel>,
  partition: Partition | undefined,
): AsyncIterable<object> {
  const order = partition === undefined || orderBy === "distance"
    ? orderBy
    : { [orderField(partition)]: "asc" as const, ...orderBy };
  const fields = partition === undefined || select === undefined
    ? select
    : [...new Set([...select, ...neededFields(partition)])];
  return db.query(model).stream({
    ...filterBy === undefined ? {} : { filterBy },
    ...order === undefined ? {} : { orderBy: order },
    ...fields === undefined ? {} : { select: fields },
    ...signal === undefined ? {} : { signal },
    ...timeout === undefined ? {} : { timeout },
    ...on === undefined ? {} : { on },
    batchSize: PART,
  });
}

async function encoderOf(
  model: AnyModel,
  { format, fields }: ExportSettings,
): Promise<RowEncoder> {
  switch (format) {
    case "parquet":
      return await parquetEncoder(model, fields);
    case "csv":
      return csvEncoder(fields, ",");
    case "tsv":
      return csvEncoder(fields, "\t");
    case "ndjson":
      return ndjsonEncoder(fields);
  }
}

async function* withCount(
  parts: AsyncIterable<Uint8Array>,
  onBytes: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const bytes of parts) {
    yield bytes;
    onBytes(bytes.length);
  }
}

/** Returns the error of an export; those of the operating system get the path. */
function exportError(
  error: unknown,
  model: string,
  sink: ExportSettings["sink"],
): unknown {
  const isOfSystem = error instanceof Error &&
    (/^E[A-Z]+$/.test(String(Reflect.get(error, "code"))) ||
      error.name === "NotCapable" || error.name === "BrokenPipe");
  if (!isOfSystem) return error;
  const path = typeof sink === "string" ? sink : undefined;
  return new FileError(
    // The name of the temporary file does not help.
    `Cannot export ${model} to ${path ?? "the stream"}: ${
      error.message.replace(/, \w+ '[^']*'.*$/, "")
    }`,
    { path, cause: error },
  );
}
