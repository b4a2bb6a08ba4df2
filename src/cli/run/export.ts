import { QueryError } from "../../base/errors/mod.ts";
import { durationText } from "../../base/duration_text.ts";
import { exportRows } from "../../export/export_rows.ts";
import { filterOfJson } from "../../export/filter_of_json.ts";
import type { ExportFormat } from "../../export/output/file_name.ts";
import type { ExportOptions } from "../../export/types.ts";
import type { AnyModel } from "../../model/types.ts";
import { interruptible } from "../terminal/interruption.ts";
import { counted, type Report } from "../terminal/report.ts";
import type { Context } from "./context.ts";
import { modelNamed } from "./model_named.ts";

/** Options of `dbp export`. */
interface ExportCommand {
  /** The name of the model or of its table. */
  readonly model: string;
  /** The file, or `-`. */
  readonly file: string;
  /** The filter, as JSON. */
  readonly filter: string | undefined;
  /** Fields and directions. */
  readonly order: Readonly<Record<string, "asc" | "desc">> | undefined;
  readonly select: readonly string[] | undefined;
  /** The field whose nights have a file each, or the order of the cells that have one. */
  readonly partitionBy: ExportOptions<AnyModel>["partitionBy"];
  readonly limit: number | undefined;
  readonly format: ExportFormat | undefined;
}

const STANDARD_OUTPUT = "-";
/** The order by the distance from the position of `near`. */
const DISTANCE = "distance";

/** Writes the rows of a model to a file, or to the standard output. */
export async function run(
  { model: name, file, filter, order, select, partitionBy, limit, format }:
    ExportCommand,
  { path, models, open, json }: Context,
): Promise<Report> {
  const model = modelNamed(models, name, "export");
  for (const sort of Object.keys(order ?? {})) assertDirection(model, sort);
  const isOutput = file === STANDARD_OUTPUT;
  if (isOutput && json) {
    throw new QueryError(
      `Cannot export ${model.name}: - and --json both write to the standard output; pass a file`,
      { model: model.name, field: "json" },
    );
  }
  const options = {
    ...filter === undefined
      ? {}
      : { filterBy: filterOfJson(model, models, filter) },
    ...order === undefined ? {} : { orderBy: orderOf(model, order) },
    ...select === undefined ? {} : { select },
    ...partitionBy === undefined ? {} : { partitionBy },
    ...limit === undefined ? {} : { limit },
    ...format === undefined ? {} : { format },
  };
  await using connection = await open();
  const started = performance.now();
  const report = await interruptible(async (signal) => {
    try {
      return await exportRows(
        connection,
        model,
        isOutput ? standardOutput() : file,
        { ...options, signal },
      );
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new Error(
        isOutput
          ? "Interrupted. The output is incomplete"
          : `Interrupted. ${file} was not written`,
        { cause: error },
      );
    }
  });
  const milliseconds = performance.now() - started;
  return {
    data: {
      model: model.name,
      table: model.table,
      file,
      ...report,
      milliseconds,
    },
    lines: isOutput ? [] : [
      `${file}: ${counted(report.rows, "row")} of ${model.table}, ${
        counted(report.bytes, "byte")
      }, in ${durationText(milliseconds)} (config from ${path})`,
    ],
  };
}

/** Returns the option `orderBy`. A model with a position has no field named distance. */
function orderOf(
  model: AnyModel,
  order: Readonly<Record<string, "asc" | "desc">>,
): NonNullable<ExportOptions<AnyModel>["orderBy"]> {
  const isDistance = order[DISTANCE] === "asc" &&
    Object.keys(order).length === 1 && !model.byName.has(DISTANCE);
  return isDistance ? DISTANCE : order;
}

/** @throws {QueryError} if an unknown field ends with a colon and a word that is no direction */
function assertDirection(model: AnyModel, sort: string): void {
  const [, field, word] = /^(.+):([^:]*)$/s.exec(sort) ?? [];
  const isField = field === undefined || word === undefined ||
    model.byName.has(sort) || !model.byName.has(field);
  if (isField) return;
  const isUp = /^[au]/i.test(word);
  throw new QueryError(
    `Cannot export ${model.name}: the direction of ${field} must be asc or desc, got ${
      word || "nothing"
    }`,
    {
      model: model.name,
      field: sort,
      nearest: `${field}:${isUp ? "asc" : "desc"}`,
    },
  );
}

/** The standard output, which stays open. */
function standardOutput(): WritableStream<Uint8Array> {
  return new WritableStream({
    async write(bytes) {
      for (let at = 0; at < bytes.length;) {
        at += await Deno.stdout.write(bytes.subarray(at));
      }
    },
  });
}
