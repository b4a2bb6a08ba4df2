import type { Transform } from "node:stream";
import { constants, createGzip, createZstdCompress } from "node:zlib";

/** A format that `exportRows` writes. */
export type ExportFormat = "csv" | "tsv" | "ndjson" | "parquet";

/** The formats that `exportRows` writes. */
export const EXPORT_FORMATS: readonly ExportFormat[] = [
  "csv",
  "tsv",
  "ndjson",
  "parquet",
];

/** The ends of names, and their formats. */
const ENDS: ReadonlyMap<string, ExportFormat> = new Map([
  ["csv", "csv"],
  ["tsv", "tsv"],
  ["ndjson", "ndjson"],
  ["jsonl", "ndjson"],
  ["parquet", "parquet"],
]);

/** Adds a checksum to a zstd frame, as gzip has one. */
const CHECKSUM = { [constants.ZSTD_c_checksumFlag]: 1 };

const COMPRESSIONS: ReadonlyMap<string, () => Transform> = new Map([
  ["gz", () => createGzip()],
  ["zst", () => createZstdCompress({ params: CHECKSUM })],
]);

/** What the name of a file says. */
export interface NamedFormat {
  /** The format; undefined if the name does not end with one. */
  readonly format: ExportFormat | undefined;
  /** Creates the compression; undefined if there is none. */
  readonly compress: (() => Transform) | undefined;
}

/** Returns the format and the compression of a name such as `night.csv.gz`. */
export function namedFormat(name: string): NamedFormat {
  const ends = name.toLowerCase().split(".").slice(1);
  const compress = COMPRESSIONS.get(ends.at(-1) ?? "");
  if (compress !== undefined) ends.pop();
  return { format: ENDS.get(ends.at(-1) ?? ""), compress };
}
