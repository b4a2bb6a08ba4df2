import type { Model } from "../../model/types.ts";
import { bool, int64, timestamp, varchar } from "../../model/columns.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import { z } from "../../base/zod.ts";
import { LOADS } from "../../migrations/history/own_tables.ts";

/** A range of rows of a file that is in a table. */
export interface LoadedRange {
  /** The table that the rows are in. */
  readonly loaded_table: string;
  /** The absolute path of the file. */
  readonly file: string;
  /** The index of the first row of the range in the file, from 0. */
  readonly first_row: bigint;
  /** The index behind its last row. */
  readonly end_row: bigint;
  /** The number of bytes of the file that the load had read. */
  readonly bytes_read: bigint;
  /** The SHA-256 of these bytes, in hexadecimal. */
  readonly checksum: string;
  /** The size of the file, in bytes. */
  readonly size: bigint;
  /** Whether this is the whole file. */
  readonly is_whole: boolean;
  /** The time of the load. */
  readonly loaded_at: Date;
}

/** The ranges of files that are loaded. */
export const Loads: Model<
  LoadedRange,
  LoadedRange,
  typeof LOADS,
  object,
  "loaded_table" | "file" | "first_row"
> = deferredModel(LOADS, () => ({
  fields: z.object({
    loaded_table: varchar("Table of the rows"),
    file: varchar("Absolute path of the file"),
    first_row: int64("Index of the first row in the file, from 0"),
    end_row: int64("Index behind the last row"),
    bytes_read: int64("Bytes of the file that were read"),
    checksum: varchar("SHA-256 of these bytes"),
    size: int64("Size of the file in bytes"),
    is_whole: bool("Whether the file is loaded whole"),
    loaded_at: timestamp("Time of the load, in UTC"),
  }),
  primaryKey: ["loaded_table", "file", "first_row"],
}));
