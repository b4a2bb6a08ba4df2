import type { AnyModel } from "../../model/types.ts";
import type { Limits } from "../../ztf/input/limits.ts";
import { fileProblem } from "../input/file_problem.ts";
import type { Input } from "../input/source.ts";
import { openParquet } from "../parquet/file.ts";
import { readRanges } from "../parquet/read_columns.ts";
import { fromTyped } from "../values/from_typed.ts";
import { type ColumnRules, columnsOf } from "./columns.ts";
import type { FieldProblem, LoadedRow } from "./loaded_row.ts";

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
): AsyncGenerator<readonly LoadedRow[]> {
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
  const { parquetSchema } = await import("../parquet/library.ts");
  const header = parquetSchema(file.metadata).children
    .map(({ element }) => element.name);
  const fields = columnsOf(model, rules, header, name).flatMap(
    (field, index) =>
      field === undefined ? [] : [{ field, column: header[index] ?? "" }],
  );
  const columns = fields.map(({ column }) => column);
  let line = 1;
  for await (
    const range of readRanges(file, { name, columns, limits, damaged })
  ) {
    for (let from = 0; from < range.length; from += PART) {
      const end = Math.min(from + PART, range.length);
      const rows: LoadedRow[] = [];
      for (let at = from; at < end; at++, line++) {
        const row: Record<string, unknown> = {};
        let problems: FieldProblem[] | undefined;
        for (const [index, { field }] of fields.entries()) {
          const value = range.columns[index]?.[at] ?? null;
          row[field.name] = value === null
            ? field.nullable ? null : undefined
            : fromTyped(field.type, value, (reason) => {
              (problems ??= []).push({ field: field.name, reason });
            });
        }
        rows.push(
          problems === undefined
            ? { line, row, problems }
            : { line, row: rawRow(columns, range.columns, at), problems },
        );
      }
      // A part of a column may be read several times.
      const share = Math.min(1, (line - 1) / total);
      input.setBytesRead(Math.round(byteLength * share));
      yield rows;
    }
  }
}

/** Returns a row as the file has it. */
function rawRow(
  names: readonly string[],
  columns: readonly (readonly unknown[])[],
  at: number,
): object {
  return Object.fromEntries(
    names.map((name, index) => [name, columns[index]?.[at]]),
  );
}
