import type { run } from "../run/load.ts";
import { type Command, command } from "./command.ts";
import { argument, map, multiple, text } from "./optique.ts";
import { flag, pairs, repeated, valued } from "./options.ts";
import {
  column,
  columnField,
  count,
  field,
  fieldRule,
  file,
  model,
  oneOf,
  path,
} from "./values.ts";
import { UsageError } from "./usage_error.ts";

/** Parses `dbp load`. */
export const load: Command = command<typeof run>({
  name: "load",
  brief: "Load files into the table of a model.",
  description:
    "Loads CSV, TSV, NDJSON, Avro or Parquet, text also compressed with gzip or zstd; the content decides the format. Rows are written in batches, each in a transaction: if a load fails, the batches before stay, and --resume continues it. Files that were loaded already are skipped.",
  options: {
    model: argument(model, {
      description: [text("Name of a model, or of its table.")],
      errors: { endOfInput: [text("load requires a MODEL and a FILE")] },
    }),
    files: multiple(
      argument(file, {
        description: [
          text(
            "Files, folders, patterns in quotes, or - for the standard input.",
          ),
        ],
      }),
    ),
    ztf: flag("--ztf", "Load ZTF alerts into their tables: no MODEL."),
    schema: valued(
      "--schema",
      oneOf("SCHEMA", ["multisurvey"]),
      "Tables of --ztf: multisurvey (default: the 17 of ALeRCE).",
      "multisurvey",
    ),
    lsst: flag("--lsst", "Load LSST alerts into the multi-survey tables."),
    format: valued(
      "--format",
      oneOf("FORMAT", ["csv", "tsv", "ndjson", "avro", "parquet"]),
      "Format (default: by content).",
      "csv",
    ),
    map: pairs(
      "--map",
      columnField,
      "Field of a column (repeatable).",
      "RAdeg=ra",
    ),
    skip: repeated(
      "--skip",
      column,
      "Column to leave out (repeatable).",
      "notes",
    ),
    onConflict: valued(
      "--on-conflict",
      oneOf("RULE", ["ignore", "update", "error"]),
      "For existing keys: ignore, update or error (default: ignore).",
      "update",
    ),
    prefer: map(
      repeated(
        "--prefer",
        field,
        "Field whose greater value wins an update (repeatable).",
        "lastmjd",
      ),
      (fields) => fields.length === 0 ? undefined : fields,
    ),
    merge: map(
      pairs(
        "--merge",
        fieldRule,
        "Rule that combines the values of a field (repeatable).",
        "lastmjd=greatest",
      ),
      (rules) => Object.keys(rules).length === 0 ? undefined : rules,
    ),
    rejects: valued(
      "--rejects",
      path,
      "File for bad rows; without it the first one ends the load.",
      "rejects.ndjson",
    ),
    limit: valued("--limit", count, "Rows to read of each file.", "1000"),
    jobs: valued("--jobs", count, "Batches written at once (default: 1).", "2"),
    resume: flag(
      "--resume",
      "Continue loads that were interrupted.",
    ),
    again: flag("--again", "Load files again that were loaded already."),
    dryRun: flag("--dry-run", "Read and check all rows, and write nothing."),
  },
  check({ ztf, lsst, schema, files }) {
    if (schema !== undefined && !ztf && !lsst) {
      throw new UsageError("--schema requires --ztf or --lsst");
    }
    if (ztf && lsst) {
      throw new UsageError("load takes --ztf or --lsst, not both");
    }
    if (!ztf && !lsst && files.length === 0) {
      throw new UsageError("load requires a FILE");
    }
  },
  examples: [
    "dbp load detection detections.csv.gz",
    "dbp load --ztf 'alerts/*.avro' --rejects rejects.ndjson",
    "dbp load --lsst 'alerts/*.avro' --rejects rejects.ndjson",
    "dbp load object nights/ --on-conflict update --prefer lastmjd",
    "dbp load detection nights/*.csv --resume",
    "zcat night.csv.gz | dbp load detection - --rejects rejects.ndjson",
  ],
});
