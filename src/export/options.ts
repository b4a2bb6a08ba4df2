import { fileURLToPath } from "node:url";
import { type NamesOf, namesOf } from "../base/known_names.ts";
import type { Field } from "../model/field.ts";
import type { AnyModel } from "../model/types.ts";
import { checkOptions } from "../query/checks/options.ts";
import {
  EXPORT_FORMATS,
  type ExportFormat,
  type NamedFormat,
  namedFormat,
} from "./output/file_name.ts";
import {
  orderField,
  type Partition,
  partitionOf,
} from "./partition/partition.ts";
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
  const { refuse, oneOf, assertFunctions, assertWhole } = checkOptions(
    options,
    {
      action: `export ${model.name}`,
      model: model.name,
      names: NAMES,
      example: "{ limit: 10 }",
    },
  );
  const { select, limit, partitionBy } = options;
  assertFunctions("onProgress");
  assertWhole("limit");
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
  const requested = oneOf("format", EXPORT_FORMATS) ?? named.format;
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
