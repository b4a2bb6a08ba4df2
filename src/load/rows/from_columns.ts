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
import { partOf, type RowPart } from "./row_part.ts";

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
  const read = createColumnReader(fields.map(({ field }) => field));
  let line = 1;
  for await (
    const range of readRanges(file, { name, columns, limits, damaged })
  ) {
    for (let from = 0; from < range.length; from += PART) {
      const end = Math.min(from + PART, range.length);
      const rows: LoadedRow[] = [];
      read(range.columns, from, end, (row, problems) => {
        rows.push(
          problems.length === 0 ? { line, row, problems: undefined } : {
            line,
            row: rawRow(columns, range.columns, from + rows.length),
            problems,
          },
        );
        line++;
      });
      // A part of a column may be read several times.
      const share = Math.min(1, (line - 1) / total);
      input.setBytesRead(Math.round(byteLength * share));
      yield partOf(rows);
    }
  }
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
