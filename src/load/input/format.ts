import { GZIP, startsWith, ZSTD } from "./signature.ts";

/** The formats that `load` reads. */
export const FORMATS = ["csv", "tsv", "ndjson", "avro", "parquet"] as const;

/** A format that `load` reads. */
export type Format = typeof FORMATS[number];

/** Files of other formats, by their first bytes, and what to do with them. */
const OTHERS: readonly (readonly [readonly number[] | string, string])[] = [
  [GZIP, "is compressed twice; decompress it once"],
  [ZSTD, "is compressed twice; decompress it once"],
  ["BZh", "is compressed with bzip2; decompress it first"],
  [
    [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    "is compressed with xz; decompress it first",
  ],
  ["PK\x03\x04", "is a ZIP archive (or a spreadsheet); extract it first"],
  ["PARE", "is an encrypted Parquet file, which load does not read"],
  ["SIMPLE  =", "is a FITS file, which load does not read"],
  [[0x89, 0x48, 0x44, 0x46], "is an HDF5 file, which load does not read"],
  ["%PDF", "is a PDF file"],
  ["SQLite format 3", "is an SQLite database"],
  [[0xff, 0xfe], "is text in UTF-16; convert it to UTF-8"],
  [[0xfe, 0xff], "is text in UTF-16; convert it to UTF-8"],
];

/** The first bytes of the binary formats that `load` reads. */
const BINARY: readonly (readonly [string, Format])[] = [
  ["Obj\x01", "avro"],
  ["PAR1", "parquet"],
];

const HTML = /^<(?:!doctype html|html|head|body)/i;

/** Returns why a file with this beginning is no table that `load` reads; undefined if it may be one. */
export function otherFormat(head: Uint8Array): string | undefined {
  if (binaryFormat(head) !== undefined) return undefined;
  const known = OTHERS.find(([signature]) => startsWith(head, signature));
  if (known !== undefined) return known[1];
  if (startsWith(head, "ustar", 257)) {
    return "is a tar archive; extract it first";
  }
  if (head.includes(0)) return "is a binary file: it contains NUL bytes";
  const text = beginningOf(head);
  if (HTML.test(text)) return "is an HTML page, not a table";
  if (text.startsWith("<")) return "is XML or HTML, not a table";
  return text.startsWith("[")
    ? "is a JSON array; write one object a line instead"
    : undefined;
}

/** Returns the format of the beginning of a file: Avro and Parquet by their signatures, objects are NDJSON, and a first line with a tab is TSV. */
export function formatOf(head: Uint8Array): Format {
  const binary = binaryFormat(head);
  if (binary !== undefined) return binary;
  const text = beginningOf(head);
  if (text.startsWith("{")) return "ndjson";
  const [line = ""] = text.split(/[\r\n]/, 1);
  return line.includes("\t") ? "tsv" : "csv";
}

/** Returns the delimiter of a CSV file: the one of these that its first line contains most often outside of quotes. */
export function delimiterOf(format: "csv" | "tsv", header: string): string {
  if (format === "tsv") return "\t";
  const plain = header.replaceAll(/"[^"]*"/g, "");
  const counts = [",", ";", "|"].map((delimiter) => ({
    delimiter,
    count: plain.split(delimiter).length,
  }));
  return counts.toSorted((one, other) => other.count - one.count)[0]
    ?.delimiter ?? ",";
}

/** The beginning of a text, without a byte order mark and white space. */
function beginningOf(head: Uint8Array): string {
  return new TextDecoder().decode(head).trimStart();
}

function binaryFormat(head: Uint8Array): Format | undefined {
  return BINARY.find(([signature]) => startsWith(head, signature))?.[1];
}
