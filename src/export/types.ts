import type { AnyModel, RowOf } from "../model/types.ts";
import type { FullFilter } from "../query/filter/filter.ts";
import type { OrderBy } from "../query/read/order.ts";
import type { Query } from "../query/query.ts";
import type { CallOptions } from "../query/statement/call_options.ts";
import type { ExportFormat } from "./output/file_name.ts";

/** Where `exportRows` writes: the path or `file:` URL of a file, or a stream of bytes. */
export type Sink = string | URL | WritableStream<Uint8Array>;

/** What `exportRows` reads: a connection or a transaction. */
export interface ExportSource {
  /** Returns the queries on a model. */
  query<M extends AnyModel>(model: M): Query<M>;
}

/** How far an export has come. */
export interface ExportProgress {
  /** The number of rows written so far. */
  readonly rows: number;
  /** The number of bytes written so far, after compression. */
  readonly bytes: number;
}

/** Options of {@link exportRows}. */
export interface ExportOptions<M extends AnyModel> extends CallOptions {
  /** The rows to write; all by default. */
  filterBy?: FullFilter<M>;
  /** The order of the rows, by fields, or `"distance"` from the position of `near` (default: none). */
  orderBy?: OrderBy<RowOf<M>> | "distance";
  /** The fields to write, in this order; all by default. */
  select?: readonly (keyof RowOf<M>)[];
  /** The number of rows after which the file ends. */
  limit?: number;
  /** The format (default: by the name of the file; CSV for a stream). */
  format?: ExportFormat;
  /**
   * Writes a folder with several files. `night`: one for each night, Parquet by
   * default, by a field with a modified Julian date, whose whole part is the night.
   * `healpix`: a HATS catalog with a Parquet file for each cell of this order, 0 to
   * 10, by the position of the model.
   */
  partitionBy?: { night: keyof RowOf<M> } | { healpix: number };
  /** Called after each part of the file. */
  onProgress?: (progress: ExportProgress) => void;
}

/** The result of an export. */
export interface ExportReport extends ExportProgress {
  /** The format of the file. */
  readonly format: ExportFormat;
}
