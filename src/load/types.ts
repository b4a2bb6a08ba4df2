import type { AnyModel, RowOf } from "../model/types.ts";
import type { MergeRules } from "../query/write/merge_rules.ts";
import type { AlertLimits } from "../files/read/limits.ts";
import type { RejectedRow } from "../writer/types.ts";

/** A row of a file that was not written, because the file, the model or the database refused it. */
export interface RejectedLine extends RejectedRow {
  /** The file, as the caller named it. */
  readonly file: string;
  /** The line on which the row begins, from 1; in Avro and Parquet the number of the row. */
  readonly line: number;
  /** The row as the file has it, by the names of its columns: texts in CSV and TSV, and values in the other formats. */
  readonly row: unknown;
}

/** How far a load has come. */
export interface LoadProgress {
  /** The file. */
  readonly file: string;
  /** The number of rows read from it so far. */
  readonly rows: number;
  /** The number of bytes read from it so far, as it is stored. */
  readonly bytes: number;
  /** The size of the file in bytes; undefined for a stream. */
  readonly totalBytes: number | undefined;
  /** Rows per second since the beginning of the load. */
  readonly rowsPerSecond: number;
}

/** Options of {@link load}. */
export interface LoadOptions<M extends AnyModel> {
  /** The format (default: read from the content). */
  format?: "csv" | "tsv" | "ndjson" | "avro" | "parquet";
  /** Fields by the names of their columns, where these differ. */
  map?: Readonly<Record<string, keyof RowOf<M>>>;
  /** Columns that are not loaded. */
  skip?: readonly string[];
  /**
   * What happens to a row whose key exists: `"ignore"` keeps the existing row,
   * `"update"` overwrites it, and `"error"` ends the load (default: `"update"`
   * with `prefer` or `merge`, otherwise `"ignore"`).
   */
  onConflict?: "ignore" | "update" | "error";
  /** With `"update"`: a row replaces another only if these fields, compared in order, are greater, as in `bulkUpsert`. */
  prefer?: readonly (keyof RowOf<M>)[];
  /** With `"update"`: how the value of a row is combined with the existing one, as in `bulkUpsert`. */
  merge?: MergeRules<RowOf<M>>;
  /**
   * Called for each row that the file, the model or the database refuses, after
   * the other rows of its batch are committed; a promise that it returns is
   * awaited. Without it, the first such row ends the load.
   */
  onRejected?: (row: RejectedLine) => void;
  /** Called after each batch. */
  onProgress?: (progress: LoadProgress) => void;
  /** The number of batches that are written at once, each on a connection of its own (default: 1). */
  jobs?: number;
  /** The number of rows after which the load ends. */
  limit?: number;
  /**
   * Whether to record the load of the file in the table `dbp_loads`, and to
   * continue the recorded load of the same file, or skip it if it was complete
   * (default: false). A file that has changed is refused.
   */
  resume?: boolean;
  /** Whether to record the load of the file as with `resume`, but to load it from its beginning (default: false). */
  again?: boolean;
  /** Whether to read and check all rows, and write nothing. */
  dryRun?: boolean;
  /** Limits of the file: `maxLine` characters of a row (default: 8 MiB), `maxRatio` (default: 200) for compressed files, `maxBlock` bytes of an Avro block or a Parquet page (default: 32 MiB), and `maxValues` and `maxLevels` of an Avro record. */
  limits?: Pick<
    AlertLimits,
    "maxLine" | "maxRatio" | "maxBlock" | "maxValues" | "maxLevels"
  >;
  /** Ends the load when it is aborted. The batches that were written stay. */
  signal?: AbortSignal;
}

/** The result of a load. */
export interface LoadReport {
  /** The number of rows read. */
  readonly rows: number;
  /** The number of new rows. */
  readonly inserted: number;
  /** The number of existing rows that were changed. */
  readonly updated: number;
  /** The number of rows that changed nothing. */
  readonly ignored: number;
  /** The number of rows that `onRejected` received. */
  readonly rejected: number;
  /** With `resume` or `again`: the number of rows that earlier loads of the file have written, and that were not written again. */
  readonly skipped?: number;
}
