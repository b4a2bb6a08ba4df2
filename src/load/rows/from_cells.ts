import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { positionText } from "../input/file_problem.ts";
import type { Cells } from "../input/csv.ts";
import { createCellReader } from "./cell_reader.ts";
import { type ColumnRules, columnsOf } from "./columns.ts";
import {
  type FieldProblem,
  type LoadedRow,
  malformedRow,
} from "./loaded_row.ts";

/**
 * Converts the records of a CSV or TSV file. The first one is the header, and
 * blank lines are skipped. An empty cell is null, or the default of the field; the
 * cell `""` of a text is the empty text, as in PostgreSQL's COPY.
 *
 * @throws {ValidationError} if the header does not fit the model
 */
export async function* rowsFromCells(
  records: AsyncIterable<readonly Cells[]>,
  model: AnyModel,
  rules: ColumnRules,
  file: string,
): AsyncGenerator<readonly LoadedRow[]> {
  let convert: ((record: Cells) => LoadedRow) | undefined;
  let isOneColumn = false;
  for await (const part of records) {
    const rows: LoadedRow[] = [];
    for (const record of part) {
      if (convert !== undefined) {
        const isBlank = record.content.length === 1 &&
          record.content[0] === "";
        if (!isBlank || isOneColumn) rows.push(convert(record));
        continue;
      }
      const { content, line } = record;
      if (content.every((cell) => cell.trim() === "")) continue;
      const position = positionText(file, line);
      convert = rowConverter(
        content,
        columnsOf(model, rules, content, position),
      );
      isOneColumn = content.length === 1;
    }
    yield rows;
  }
}

/** Returns the function that converts the records after a header. */
function rowConverter(
  header: readonly string[],
  fields: readonly (Field | undefined)[],
): (record: Cells) => LoadedRow {
  const read = createCellReader(
    fields.flatMap((field, index) =>
      field === undefined ? [] : [{ index, field }]
    ),
  );
  const raw = (cells: readonly string[]): object =>
    Object.fromEntries(
      cells.map((
        cell,
        index,
      ) => [header[index] ?? `column ${index + 1}`, cell]),
    );
  const width = header.length;
  let problems: FieldProblem[] = [];
  return (record) => {
    const { content, line, problem } = record;
    if (problem !== undefined) {
      return malformedRow(record, { text: content.join("") }, problem);
    }
    if (content.length !== width) {
      return malformedRow(
        record,
        raw(content),
        `has ${content.length} columns, and the header has ${width}`,
      );
    }
    const row = read(content, problems);
    if (record.emptyTexts !== undefined) {
      setEmptyTexts(row, record.emptyTexts, fields);
    }
    if (problems.length === 0) return { line, row, problems: undefined };
    const refused = { line, row: raw(content), problems };
    problems = [];
    return refused;
  };
}

/** Sets the texts that are written as `""`. */
function setEmptyTexts(
  row: object,
  columns: readonly number[],
  fields: readonly (Field | undefined)[],
): void {
  for (const index of columns) {
    const field = fields[index];
    if (field?.type.kind === "string") Reflect.set(row, field.name, "");
  }
}
