import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Limits } from "../../files/read/limits.ts";
import { fileProblem } from "../input/file_problem.ts";
import type { Input } from "../input/source.ts";
import { type ColumnPart, valueAt } from "../parquet/column_part.ts";
import { openParquet } from "../parquet/file.ts";
import { readRanges } from "../parquet/read_columns.ts";
import { createColumnReader } from "./column_reader.ts";
import { type ColumnRules, columnsOf } from "./columns.ts";
import type { LoadedRow } from "./loaded_row.ts";
import { loadModule } from "../../base/load_module.ts";
import { partReader } from "./read_part.ts";
import type { RowPart } from "./row_part.ts";

/** Rows that are converted at once. */
const PART = 2_000;

/**
 * Converts the rows of a Parquet file. The line of a row is its number, from 1.
 *
 * @throws {ValidationError} if the file is damaged, or its columns do not fit the model
 * @throws {LimitError} if a page or a column is beyond a limit
 */
export async function* rowsFromParquet(
  input: Input,
  model: AnyModel,
  rules: ColumnRules,
  limits: Limits,
): AsyncGenerator<RowPart> {
  const { path, name } = input;
  if (path === undefined) {
    throw fileProblem(
      model.name,
      name,
      "has Parquet, which is read from its end: save it to a file, and load that file",
    );
  }
  const damaged = (reason: string, cause?: unknown) =>
    fileProblem(
      model.name,
      name,
      `is a Parquet file that is cut off or damaged: ${reason}`,
      cause,
    );
  input.setBytesRead(0);
  await using file = await openParquet(path, limits, damaged);
  const { byteLength } = file.buffer;
  const total = Math.max(1, Number(file.metadata.num_rows));
  const { parquetSchema } = await loadModule(() =>
    import("../parquet/library.ts")
  );
  const header = parquetSchema(file.metadata).children
    .map(({ element }) => element.name);
  const fields = columnsOf(model, rules, header, name).flatMap(
    (field, index) =>
      field === undefined ? [] : [{ field, column: header[index] ?? "" }],
  );
  const columns = fields.map(({ column }) => column);
  const createPart = partCreator(fields.map(({ field }) => field), columns);
  let line = 1;
  for await (
    const range of readRanges(file, { name, columns, limits, damaged })
  ) {
    for (let from = 0; from < range.length; from += PART) {
      const end = Math.min(from + PART, range.length);
      const part = createPart(range.columns, from, end, line);
      line += part.length;
      // A part of a column may be read several times.
      const share = Math.min(1, (line - 1) / total);
      input.setBytesRead(Math.round(byteLength * share));
      yield part;
    }
  }
}

/** Returns the function that creates the parts of a file. */
function partCreator(
  fields: readonly Field[],
  names: readonly string[],
): (
  columns: readonly ColumnPart[],
  first: number,
  last: number,
  line: number,
) => RowPart {
  const convert = createColumnReader(fields);
  const readers = fields.map(partReader);
  return (columns, first, last, line) => ({
    length: last - first,
    characters: 0,
    rows(from, end) {
      const rows: LoadedRow[] = [];
      convert(columns, first + from, first + end, (row, problems) => {
        const at = from + rows.length;
        rows.push(
          problems.length === 0
            ? { line: line + at, row, problems: undefined }
            : {
              line: line + at,
              row: rawRow(names, columns, first + at),
              problems,
            },
        );
      });
      return rows;
    },
    raw: () => (index) => rawRow(names, columns, first + index),
    columns: {
      fields,
      fits: () => true,
      read(column, to, at, from, end) {
        const part = columns[column];
        return part !== undefined &&
          readers[column]?.(part, to, at, first + from, first + end) === true;
      },
      line: (index) => line + index,
    },
  });
}

/** Returns a row as the file has it. */
function rawRow(
  names: readonly string[],
  columns: readonly ColumnPart[],
  at: number,
): object {
  return Object.fromEntries(
    columns.map((part, index) => [names[index] ?? "", valueAt(part, at)]),
  );
}
