import type { run } from "../run/export.ts";
import { type Command, command } from "./command.ts";
import { argument, map, text } from "./optique.ts";
import { repeated, valued } from "./options.ts";
import {
  count,
  field,
  json,
  model,
  oneOf,
  outputFile,
  partition,
  sort,
} from "./values.ts";

/** Parses `dbp export`. */
export const exportCommand: Command = command<typeof run>({
  name: "export",
  brief: "Write the rows of a model to a file.",
  description:
    "Writes CSV, TSV, NDJSON or Parquet, by the end of the file's name; text is compressed if it ends with .gz or .zst. The file gets its name when it is complete.",
  options: {
    model: argument(model, {
      description: [text("Name of a model, or of its table.")],
      errors: { endOfInput: [text("export requires a MODEL and a FILE")] },
    }),
    file: argument(outputFile, {
      description: [
        text("File or folder to write, or - for the standard output."),
      ],
      errors: { endOfInput: [text("export requires a FILE")] },
    }),
    filter: valued(
      "--filter",
      json,
      "Rows to write, as a filter in JSON (default: all).",
      `'{"mjd":{"gte":59000}}'`,
    ),
    order: map(
      repeated(
        "--order",
        sort,
        "Field that orders the rows, or FIELD:desc (repeatable).",
        "mjd:desc",
      ),
      (sorts) =>
        sorts.length === 0 ? undefined : Object.fromEntries(
          sorts.map(({ field, direction }) => [field, direction]),
        ),
    ),
    select: map(
      repeated(
        "--select",
        field,
        "Field to write, repeatable (default: all).",
        "oid",
      ),
      (fields) => fields.length === 0 ? undefined : fields,
    ),
    partitionBy: valued(
      "--partition-by",
      partition,
      "Write a folder with a Parquet file for each night (FIELD:night) or HEALPix cell (healpix:N).",
      "mjd:night",
    ),
    limit: valued("--limit", count, "Rows to write (default: all).", "1000"),
    format: valued(
      "--format",
      oneOf("FORMAT", ["csv", "tsv", "ndjson", "parquet"]),
      "Format (default: by name, CSV for -).",
      "ndjson",
    ),
  },
  examples: [
    "dbp export detection detections.csv.gz",
    `dbp export detection --filter '{"mjd":{"gte":59000}}' --order mjd night.ndjson`,
    "dbp export detection --partition-by mjd:night nights/",
    "dbp export object --partition-by healpix:5 catalog/",
    "dbp export object --select oid --select ndet - | head",
  ],
});
