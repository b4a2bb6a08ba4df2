// Columns of Parquet whose rows are read from any position, across pages, nulls, and dictionaries.
import assert from "node:assert/strict";
import { parquetMetadata, parquetSchema } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { valueAt } from "../../src/load/parquet/column_part.ts";
import {
  type FlatColumn,
  readFlatColumn,
} from "../../src/load/parquet/flat_column.ts";
import * as library from "../../src/load/parquet/library.ts";
import { PARQUET_TYPES } from "../support/parquet_types.ts";

const ROWS = 100;
const BIG = 9_007_199_254_740_993n;

/** Values of each type, by the name of their column. */
const VALUES = {
  INT32: (at: number) => at - 50,
  INT64: (at: number) => BIG + BigInt(at),
  FLOAT: (at: number) => Math.fround(at / 7),
  DOUBLE: (at: number) => at / 7,
  BOOLEAN: (at: number) => at % 3 === 0,
  STRING: (at: number) => `\uFEFFtext ${at} ${"é".repeat(at)}`,
} as const;

const PATTERNS = {
  none: () => false,
  some: (at: number) => at % 5 === 2 || at > 70 && at < 85,
  all: () => true,
};

/** Returns a column of a file with pages of a few rows. */
function columnOf(
  type: keyof typeof VALUES,
  data: readonly unknown[],
  options: object,
): FlatColumn {
  const nullable = data.includes(null);
  const chunk = parquetWriteBuffer({
    columnData: [{ name: "a", data: [...data], type, nullable, ...options }],
    pageSize: 64,
  });
  const metadata = parquetMetadata(chunk);
  const column = metadata.row_groups[0]?.columns[0]?.meta_data;
  assert.ok(column);
  const start = Number(
    column.dictionary_page_offset ?? column.data_page_offset,
  );
  return {
    chunk: chunk.slice(start, start + Number(column.total_compressed_size)),
    path: library.getTreePath(parquetSchema(metadata), ["a"]),
    metadata: column,
  };
}

function assertRows(
  column: FlatColumn,
  data: readonly unknown[],
  [from, end]: readonly [number, number],
): void {
  const part = readFlatColumn(library, column, from, end - from);
  const rows = Array.from({ length: end - from }, (_, at) => valueAt(part, at));
  assert.deepEqual(rows, data.slice(from, end));
}

Deno.test("any rows of a column are read, whatever its type, its pages, its nulls, and its encoding", () => {
  const ranges = [[0, ROWS], [0, 1], [3, 17], [40, 41], [99, 100], [60, 100]];
  for (const type of PARQUET_TYPES) {
    for (const isNull of Object.values(PATTERNS)) {
      for (const options of [{}, { encoding: "RLE_DICTIONARY" }]) {
        const data = Array.from(
          { length: ROWS },
          (_, at) => isNull(at) ? null : VALUES[type](at % 30),
        );
        const column = columnOf(type, data, options);
        for (const [from = 0, end = 0] of ranges) {
          assertRows(column, data, [from, end]);
        }
        assert.throws(
          () => readFlatColumn(library, column, 0, ROWS + 1),
          /fewer values than rows/,
        );
      }
    }
  }
});

Deno.test("bytes that are not UTF-8 stay bytes, which a field refuses", () => {
  const column = columnOf("STRING", ["é"], {});
  const bytes = new Uint8Array(column.chunk);
  const at = bytes.indexOf(0xa9);
  assert.ok(at > 0);
  bytes[at] = 0xff;
  const part = readFlatColumn(library, column, 0, 1);
  assert.deepEqual(valueAt(part, 0), new Uint8Array([0xc3, 0xff]));
});
