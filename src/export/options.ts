import { fileURLToPath } from "node:url";
import { QueryError } from "../base/errors/mod.ts";
import { type NamesOf, namesOf, unknownNames } from "../base/known_names.ts";
import { nearest } from "../base/nearest.ts";
import { valueText } from "../model/option_shape.ts";
import type { Field } from "../model/field.ts";
import type { AnyModel } from "../model/types.ts";
import {
  EXPORT_FORMATS,
  type ExportFormat,
  type NamedFormat,
  namedFormat,
} from "./output/file_name.ts";
import { orderField, type Partition, partitionOf } from "./partition.ts";
import type { ExportOptions, Sink } from "./types.ts";

/** The checked options of an export. */
export interface ExportSettings {
  /** The path of the file, or the stream. */
  readonly sink: string | WritableStream<Uint8Array>;
  readonly format: ExportFormat;
  readonly compress: NamedFormat["compress"];
  /** The fields to write, in their order. */
  readonly fields: readonly Field[];
  readonly limit: number;
  /** How the rows are divided among files; undefined if there is one. */
  readonly partition: Partition | undefined;
}

const OPTIONS: NamesOf<ExportOptions<AnyModel>> = {
  filterBy: true,
  orderBy: true,
  select: true,
  limit: true,
  format: true,
  partitionBy: true,
  onProgress: true,
  signal: true,
  timeout: true,
  on: true,
};
const NAMES = namesOf(OPTIONS);
const EXAMPLE = ".csv, .tsv, .ndjson or .parquet";

/**
 * Checks the options of an export that the query does not check.
 *
 * @throws {QueryError} with the wrong option
 */
export function exportSettings<M extends AnyModel>(
  model: M,
  sink: Sink,
  options: ExportOptions<M>,
): ExportSettings {
  const refuse = (problem: string, field = "options", near?: string): never => {
    throw new QueryError(`Cannot export ${model.name}: ${problem}`, {
      model: model.name,
      field,
      nearest: near,
    });
  };
  if (typeof options !== "object" || options === null) {
    refuse("the options must be an object like { limit: 10 }");
  }
  const [unknown] = unknownNames(options, NAMES);
  if (unknown !== undefined) {
    refuse(`it has no option ${unknown.name}`, unknown.name, unknown.nearest);
  }
  const { select, limit, format, onProgress, partitionBy } = options;
  if (!["undefined", "function"].includes(typeof onProgress)) {
    refuse("onProgress must be a function", "onProgress");
  }
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0)) {
    refuse(
      `limit must be a whole number, 1 or greater, got ${valueText(limit)}`,
      "limit",
    );
  }
  const output = sink instanceof URL ? fileURLToPath(sink) : sink;
  if (typeof output !== "string" && !(output instanceof WritableStream)) {
    refuse("the sink must be a path, a file: URL or a WritableStream", "sink");
  }
  const partition = partitionBy === undefined
    ? undefined
    : partitionOf(model, partitionBy, refuse);
  if (partition !== undefined && typeof output !== "string") {
    refuse("partitionBy requires the path of a folder", "partitionBy");
  }
  if (
    partition !== undefined && (options.orderBy === "distance" ||
      partition.kind === "cells" && options.orderBy !== undefined)
  ) {
    refuse(
      `partitionBy orders the rows by ${
        orderField(partition)
      }, so that orderBy cannot be ${
        options.orderBy === "distance" ? '"distance"' : "given"
      }`,
      "orderBy",
    );
  }
  const named = partition !== undefined
    ? { format: "parquet" as const, compress: undefined }
    : typeof output === "string"
    ? namedFormat(output)
    : { format: "csv" as const, compress: undefined };
  const requested = format === undefined
    ? named.format
    : EXPORT_FORMATS.find((known) => known === format) ?? refuse(
      `format must be one of ${EXPORT_FORMATS.join(", ")}, got ${
        valueText(format)
      }`,
      "format",
      nearest(String(format), EXPORT_FORMATS),
    );
  if (partition?.kind === "cells" && requested !== "parquet") {
    refuse("the files of partitionBy healpix are Parquet", "format");
  }
  if (requested === "parquet" && named.compress !== undefined) {
    refuse(
      `Parquet files are compressed inside; remove the ending of the compression from the name ${output}`,
      "format",
    );
  }
  return {
    sink: output,
    format: requested ?? refuse(
      `the name ${output} does not say the format; end it with ${EXAMPLE}, or set format`,
      "format",
    ),
    compress: named.compress,
    fields: select === undefined
      ? model.fields
      : select.flatMap((name) => model.byName.get(String(name)) ?? []),
    limit: limit ?? Infinity,
    partition,
  };
}
