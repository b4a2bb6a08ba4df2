import type { ParquetParsers, RowGroup } from "hyparquet";
import type { Limits } from "../../ztf/input/limits.ts";
import { dateOfMicroseconds, microsecondsOf } from "../../model/exact_date.ts";
import { DbPluginsError } from "../../base/errors/mod.ts";
import { parseExactJson } from "../../ztf/input/exact_json.ts";
import type { ParquetFile } from "./file.ts";
import { assertChunk, assertPages } from "./pages.ts";

/** Rows that are read at once, unless they are large. */
const RANGE_ROWS = 131_072;
/** Bytes of rows that are read at once, before compression. */
const RANGE_BYTES = 64 << 20;

/** Stands for a value that the file has not. */
const MISSING = Symbol("missing");

/** Consecutive rows of a file, column by column. */
export interface RowRange {
  readonly length: number;
  /** The values of each requested column. */
  readonly columns: readonly (readonly unknown[])[];
}

/** How a file is read. */
interface ColumnReading {
  readonly name: string;
  /** The names of the columns to read. */
  readonly columns: readonly string[];
  readonly limits: Limits;
  /** Returns the error of a file that is cut off or damaged. */
  readonly damaged: (reason: string, cause?: unknown) => Error;
}

/**
 * Reads columns, one after the other, for some rows at a time: only the pages of
 * one column and the values of these rows are in memory.
 *
 * @throws {LimitError} if a page or a column of a row group is beyond a limit
 */
export async function* readRanges(
  { metadata, buffer }: ParquetFile,
  reading: ColumnReading,
): AsyncGenerator<RowRange> {
  const { parquetRead, compressors } = await import("./library.ts");
  let groupStart = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    assertGroup(group, index, reading);
    const rows = Number(group.num_rows);
    const size = rangeRows(group);
    for (let from = 0; from < rows; from += size) {
      const length = Math.min(size, rows - from);
      const rowStart = groupStart + from;
      const columns: unknown[][] = [];
      for (const column of reading.columns) {
        const position = positionOf(reading.name, index, column);
        const values: unknown[] = Array(length).fill(MISSING);
        await readable(position, reading, () =>
          parquetRead({
            file: {
              byteLength: buffer.byteLength,
              async slice(start, end) {
                const chunk = await buffer.slice(start, end);
                await assertPages(
                  chunk,
                  position,
                  reading.limits,
                  reading.damaged,
                );
                return chunk;
              },
            },
            metadata,
            columns: [column],
            rowStart,
            rowEnd: rowStart + length,
            compressors,
            parsers: PARSERS,
            utf8: false,
            geoparquet: false,
            onChunk({ columnData, rowStart: first, rowEnd }) {
              const start = Math.max(first, rowStart);
              const end = Math.min(rowEnd, rowStart + length);
              for (let row = start; row < end; row++) {
                values[row - rowStart] = columnData[row - first] ?? null;
              }
            },
          }));
        if (values.includes(MISSING)) {
          throw reading.damaged(`${position} has fewer values than rows`);
        }
        columns.push(values);
      }
      yield { length, columns };
    }
    groupStart += rows;
  }
}

function assertGroup(
  { columns, num_rows: rows }: RowGroup,
  index: number,
  { name, columns: requested, limits, damaged }: ColumnReading,
): void {
  const missing = new Set(requested);
  for (const { meta_data: chunk } of columns) {
    if (chunk === undefined) throw damaged("a column has no metadata");
    const [column = ""] = chunk.path_in_schema;
    missing.delete(column);
    if (!requested.includes(column)) continue;
    const isFlat = chunk.path_in_schema.length === 1;
    const position = positionOf(name, index, column);
    assertChunk(chunk, rows, isFlat, position, limits, damaged);
  }
  const [column] = missing;
  if (column !== undefined) {
    throw damaged(`${positionOf(name, index, column)} is missing`);
  }
}

/** Returns how many rows of a group are read at once. */
function rangeRows(
  { total_byte_size: size, num_rows: rows }: RowGroup,
): number {
  const bytes = Math.max(1, Number(size) / Math.max(1, Number(rows)));
  return Math.max(1_000, Math.min(RANGE_ROWS, Math.floor(RANGE_BYTES / bytes)));
}

function positionOf(file: string, group: number, column: string): string {
  return `column ${column} of row group ${group + 1} in ${file}`;
}

/** Gives errors of the library the position. */
async function readable(
  position: string,
  { damaged }: ColumnReading,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof DbPluginsError) throw error;
    throw damaged(`${position} cannot be read`, error);
  }
}

/** Values that the library would round or decode otherwise. */
const PARSERS: Partial<ParquetParsers> = {
  timestampFromMicroseconds: dateOfMicroseconds,
  timestampFromNanoseconds: dateOfNanoseconds,
  jsonFromBytes: (bytes) => parseExactJson(new TextDecoder().decode(bytes)),
};

/** Returns the date of nanoseconds; a text if it has digits below the microsecond, which a field refuses. */
function dateOfNanoseconds(time: bigint): unknown {
  const rest = ((time % 1000n) + 1000n) % 1000n;
  const date = dateOfMicroseconds((time - rest) / 1000n);
  if (rest === 0n) return date;
  const digits = `${microsecondsOf(date) ?? 0}`.padStart(3, "0") +
    `${rest}`.padStart(3, "0");
  return `${date.toISOString().slice(0, -1)}${digits}Z`;
}
