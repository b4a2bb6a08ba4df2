import { durationText } from "../../base/duration_text.ts";
import { timestampText } from "../../base/timestamp_text.ts";
import { STANDARD_INPUT } from "../../load/input/find_files.ts";
import type { Recording } from "../../load/record/load_record.ts";
import { runLoad, type RunReport } from "../../load/run_load.ts";
import type { LoadOptions } from "../../load/types.ts";
import { LOADS } from "../../migrations/history/own_tables.ts";
import type { AnyModel } from "../../model/types.ts";
import { interruptible } from "../terminal/interruption.ts";
import { counted, type Report } from "../terminal/report.ts";
import type { Context } from "./context.ts";
import { assertNoInput } from "./assert_no_input.ts";
import { inputFiles } from "./input_files.ts";
import { loadAlerts } from "./load_alerts.ts";
import { modelNamed } from "./model_named.ts";
import { openRejects } from "./rejects_file.ts";

/** Options of `dbp load`. */
interface LoadCommand {
  /** The name of the model or of its table. */
  readonly model: string;
  /** Files, folders, patterns, or `-`. */
  readonly files: readonly string[];
  readonly format: LoadOptions<AnyModel>["format"];
  readonly map: Readonly<Record<string, string>>;
  readonly skip: readonly string[];
  readonly onConflict: LoadOptions<AnyModel>["onConflict"];
  readonly prefer: readonly string[] | undefined;
  readonly merge: Readonly<Record<string, string>> | undefined;
  /** The file of rejected rows. */
  readonly rejects: string | undefined;
  readonly limit: number | undefined;
  readonly jobs: number | undefined;
  readonly resume: boolean;
  readonly again: boolean;
  readonly dryRun: boolean;
  /** Whether to load ZTF alerts; `model` is then the first file. */
  readonly ztf: boolean;
  /** The tables of alerts; undefined for the 17 tables of ZTF. */
  readonly schema: "multisurvey" | undefined;
  /** Whether to load alerts of LSST; `model` is then the first file. */
  readonly lsst: boolean;
}

type FileOptions = Omit<
  LoadCommand,
  "model" | "files" | "rejects" | "ztf" | "lsst" | "schema"
>;

/** A file that was loaded. */
interface Loaded extends RunReport {
  readonly file: string;
  readonly milliseconds: number;
}

/** Loads files, one after the other. */
export async function run(
  { model: name, files: paths, rejects, ztf, lsst, schema, ...options }:
    LoadCommand,
  context: Context,
): Promise<Report> {
  if (ztf || lsst) {
    return await loadAlerts(
      lsst
        ? { survey: "lsst", schema: "multisurvey" }
        : { survey: "ztf", schema },
      [name, ...paths],
      rejects,
      options,
      context,
    );
  }
  const { path, models, open, onProgress: show } = context;
  const model = modelNamed(models, name, "load");
  const files = await inputFiles(model.name, paths);
  await assertNoInput(model.name, rejects, files);
  await using connection = await open();
  await using sink = rejects === undefined ? undefined : await openRejects(
    rejects,
    options.resume || mayBeSkipped(files, options),
    "Free some space and run the command again: with --resume, it continues from this batch",
  );
  const loaded: Loaded[] = [];
  let current = { rows: 0, rejected: 0 };
  await interruptible(async (signal) => {
    try {
      for (const file of files) {
        const started = performance.now();
        current = { rows: 0, rejected: 0 };
        const source = file === STANDARD_INPUT ? Deno.stdin.readable : file;
        const report = await runLoad(connection, model, source, {
          ...given(options, file),
          signal,
          onProgress: (progress) => {
            current.rows = progress.rows;
            const elapsed = performance.now() - started;
            show({ kind: "load", ...progress, elapsed });
          },
          ...sink === undefined ? {} : {
            onRejected: (row) => {
              current.rejected++;
              return sink.write(row);
            },
          },
        }, recordingOf(options, file));
        const milliseconds = performance.now() - started;
        loaded.push({ file, ...report, milliseconds });
        await (report.loadedAt === undefined ? sink?.begin() : sink?.keep());
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      const good = [...loaded, current]
        .reduce((sum, { rows, rejected }) => sum + rows - rejected, 0);
      throw new Error(
        options.dryRun
          ? `Interrupted after ${
            counted(good, "valid row")
          }. No row was written: this is a dry run`
          : `Interrupted after ${
            counted(good, "row")
          }, which are written and stay. ${
            counted(loaded.length, "file")
          } complete. Run the command again with --resume to load the rest`,
        { cause: error },
      );
    }
  });
  return {
    data: { model: model.name, table: model.table, rejects, files: loaded },
    lines: [
      ...loaded.map((file) => fileLine(file, options.dryRun)),
      `${filesText(loaded, options.dryRun, model.table)} (config from ${path})`,
    ],
    warnings: [
      ...loaded.some(({ rejected }) => rejected > 0)
        ? [`Some rows were rejected; they are in ${rejects}`]
        : [],
      ...loaded.flatMap(({ unrecorded }) =>
        unrecorded === undefined ? [] : [
          `Cannot record loads in ${LOADS}, so --resume does not work: ${unrecorded}`,
        ]
      ).slice(0, 1),
    ],
  };
}

/** Whether a file behind the first one may be skipped, whose rejected rows must stay. */
function mayBeSkipped(
  files: readonly string[],
  { again, dryRun }: FileOptions,
): boolean {
  return files.length > 1 && !again && !dryRun;
}

/** Counts the files that were read, and those that were skipped. */
function filesText(
  loaded: readonly Loaded[],
  dryRun: boolean,
  table: string,
): string {
  const skipped = loaded.filter(({ loadedAt }) => loadedAt !== undefined);
  const read = counted(loaded.length - skipped.length, "file");
  const rest = skipped.length === 0 ? "" : `, ${skipped.length} skipped`;
  return `${read} ${dryRun ? "checked for" : "loaded into"} ${table}${rest}`;
}

function fileLine(
  {
    file,
    rows,
    inserted,
    updated,
    ignored,
    rejected,
    skipped,
    loadedAt,
    milliseconds,
  }: Loaded,
  dryRun: boolean,
): string {
  if (loadedAt !== undefined) {
    return `${file}: skipped, because its ${
      counted(skipped ?? 0, "row")
    } were loaded or rejected at ${
      timestampText(loadedAt)
    }; --again loads it again`;
  }
  const outcome = dryRun
    ? `${rows - rejected} valid, ${rejected} rejected`
    : `${inserted} inserted, ${updated} updated, ${ignored} ignored, ${rejected} rejected`;
  const earlier = skipped === undefined || skipped === 0
    ? ""
    : `; ${counted(skipped, "row")} of an earlier run skipped`;
  return `${file}: ${counted(rows, "row")} in ${
    durationText(milliseconds)
  }: ${outcome}${earlier}`;
}

/** Leaves out the options that were not given. The library checks the names of fields and rules. */
function given(
  { resume, again, ...options }: FileOptions,
  file: string,
): LoadOptions<AnyModel> {
  // The standard input cannot be read again.
  const recorded = file === STANDARD_INPUT ? {} : { resume, again };
  return Object.fromEntries(
    Object.entries({ ...options, ...recorded })
      .filter(([, value]) => value !== undefined),
  );
}

/** Returns how to record a file if no option says it. */
function recordingOf(
  { dryRun }: FileOptions,
  file: string,
): Recording | undefined {
  return dryRun || file === STANDARD_INPUT ? undefined : "skip";
}
