import type { AsyncBuffer, ColumnMetaData, RowGroup } from "hyparquet";
import type { Limits } from "../../files/read/limits.ts";
import { DbPluginsError } from "../../base/errors/mod.ts";
import type { ColumnPart } from "./column_part.ts";
import type { ParquetFile } from "./file.ts";
import { readFlatColumn } from "./flat_column.ts";
import { assertChunk, assertPages } from "./pages.ts";
import { PARSERS } from "./parsers.ts";
import { loadModule } from "../../base/load_module.ts";

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
  readonly columns: readonly ColumnPart[];
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
  file: ParquetFile,
  reading: ColumnReading,
): AsyncGenerator<RowRange> {
  const library = await loadModule(() => import("./library.ts"));
  const { row_groups: groups } = file.metadata;
  const tree = library.parquetSchema(file.metadata);
  const paths = reading.columns.map((name) =>
    library.getTreePath(tree, [name])
  );
  let groupStart = 0;
  for (const [index, group] of groups.entries()) {
    const chunks = assertGroup(group, index, reading);
    const rows = Number(group.num_rows);
    const size = rangeRows(group);
    for (let from = 0; from < rows; from += size) {
      const length = Math.min(size, rows - from);
      const columns: ColumnPart[] = [];
      for (const [at, name] of reading.columns.entries()) {
        const position = positionOf(reading.name, index, name);
        const checked = checkedBuffer(file.buffer, position, reading);
        const path = paths[at] ?? [];
        const metadata = chunks.get(name);
        columns.push(
          await readable(position, reading, async () => {
            if (metadata === undefined || !library.isFlatColumn(path)) {
              const rowStart = groupStart + from;
              const rows = { rowStart, rowEnd: rowStart + length };
              return await readNested(library, checked, file, name, rows);
            }
            const chunk = await checked.slice(...bytesOf(metadata));
            const column = { chunk, path, metadata };
            return readFlatColumn(library, column, from, length);
          }),
        );
      }
      yield { length, columns };
    }
    groupStart += rows;
  }
}

/** Returns the buffer of a file that checks the pages of a column before they are used. */
function checkedBuffer(
  { byteLength, slice }: AsyncBuffer,
  position: string,
  { limits, damaged }: ColumnReading,
): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end) {
      const chunk = await slice(start, end);
      await assertPages(chunk, position, limits, damaged);
      return chunk;
    },
  };
}

/** Returns where the pages of a column begin and end. */
function bytesOf(
  {
    dictionary_page_offset: dictionary,
    data_page_offset: data,
    total_compressed_size: size,
  }: ColumnMetaData,
): [start: number, end: number] {
  const start = Number(dictionary || data);
  return [start, start + Number(size)];
}

/** Reads the values of some rows of a column with parts, such as a list. */
async function readNested(
  { parquetRead, compressors }: typeof import("./library.ts"),
  file: AsyncBuffer,
  { metadata }: ParquetFile,
  column: string,
  { rowStart, rowEnd }: { readonly rowStart: number; readonly rowEnd: number },
): Promise<ColumnPart> {
  const values: unknown[] = Array(rowEnd - rowStart).fill(MISSING);
  await parquetRead({
    ...{ file, metadata, columns: [column], rowStart, rowEnd },
    ...{ compressors, parsers: PARSERS, utf8: false, geoparquet: false },
    onChunk({ columnData, rowStart: first, rowEnd: last }) {
      const start = Math.max(first, rowStart);
      const end = Math.min(last, rowEnd);
      for (let row = start; row < end; row++) {
        values[row - rowStart] = columnData[row - first] ?? null;
      }
    },
  });
  if (values.includes(MISSING)) {
    throw new RangeError("it has fewer values than rows");
  }
  return { values, nulls: undefined };
}

/** Checks the columns of a row group, and returns their metadata by name. */
function assertGroup(
  { columns, num_rows: rows }: RowGroup,
  index: number,
  { name, columns: requested, limits, damaged }: ColumnReading,
): ReadonlyMap<string, ColumnMetaData> {
  const missing = new Set(requested);
  const found = new Map<string, ColumnMetaData>();
  for (const { meta_data: chunk, file_path: other } of columns) {
    if (chunk === undefined) throw damaged("a column has no metadata");
    if (other) throw damaged(`a column is in another file, ${other}`);
    const [column = ""] = chunk.path_in_schema;
    missing.delete(column);
    found.set(column, chunk);
    if (!requested.includes(column)) continue;
    const isFlat = chunk.path_in_schema.length === 1;
    const position = positionOf(name, index, column);
    assertChunk(chunk, rows, isFlat, position, limits, damaged);
  }
  const [column] = missing;
  if (column !== undefined) {
    throw damaged(`${positionOf(name, index, column)} is missing`);
  }
  return found;
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
async function readable<T>(
  position: string,
  { damaged }: ColumnReading,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DbPluginsError) throw error;
    throw damaged(`${position} cannot be read`, error);
  }
}
