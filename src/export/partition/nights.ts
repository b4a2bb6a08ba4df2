import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import { encodedParts } from "../output/encoded_parts.ts";
import type { RowEncoder } from "../output/encoder.ts";
import { writeFile } from "../output/write_file.ts";
import type { WriteParts } from "../output/write_parts.ts";

/** The name that Hive's layout has for rows without a value. */
const NO_NIGHT = "__HIVE_DEFAULT_PARTITION__";

/** How the files of nights are written. */
interface NightFiles {
  /** The field with a modified Julian date. */
  readonly field: string;
  /** The end of the names of the files. */
  readonly format: string;
  readonly limit: number;
  /** Returns the encoder of the next file. */
  readonly encoder: () => Promise<RowEncoder>;
  /** Receives the number of rows of each part. */
  readonly onRows: (count: number) => void;
  /** Returns the function that writes the parts of a file. */
  readonly counted: (write: WriteParts) => WriteParts;
}

/**
 * Writes rows that are ordered by a modified Julian date, a file for each night:
 * `mjd_night=59000/rows.parquet`.
 */
export async function writeNights(
  folder: string,
  rows: AsyncIterable<object>,
  { field, format, limit, encoder, onRows, counted }: NightFiles,
): Promise<void> {
  const source = rows[Symbol.asyncIterator]();
  let left = limit;
  let hasNoNight = false;
  let next = await source.next();
  async function* rowsOf(night: string): AsyncGenerator<object> {
    while (
      left > 0 && next.done !== true && nightOf(next.value, field) === night
    ) {
      yield next.value;
      left--;
      next = await source.next();
    }
  }
  try {
    while (left > 0 && next.done !== true) {
      const night = nightOf(next.value, field);
      const path = join(folder, `${field}_night=${night}`);
      // In descending order NaN is first, and null last: they have two files.
      const isAgain = night === NO_NIGHT && hasNoNight;
      hasNoNight ||= night === NO_NIGHT;
      await mkdir(path, { recursive: isAgain });
      const parts = encodedParts(
        rowsOf(night),
        await encoder(),
        Infinity,
        onRows,
      );
      await writeFile(
        join(path, `rows${isAgain ? "_2" : ""}.${format}`),
        (write) => counted(write)(parts),
      );
    }
  } finally {
    await source.return?.();
  }
}

/** Returns the night of a row: the whole part of its modified Julian date. */
function nightOf(row: object, field: string): string {
  const mjd: unknown = Reflect.get(row, field);
  return typeof mjd !== "number" || Number.isNaN(mjd)
    ? NO_NIGHT
    : String(Math.floor(mjd));
}
