import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { positionText } from "../input/file_problem.ts";
import type { Cells, PlainPart } from "../input/csv.ts";
import type { ReadPart } from "../input/records.ts";
import { cellsOf, type CellSource, plainCells } from "./cell_source.ts";
import { createCellReader } from "./cell_reader.ts";
import { type ColumnRules, columnsOf } from "./columns.ts";
import type { ColumnSource } from "./growing_columns.ts";
import { cellsReader } from "./read_cells.ts";
import type { RowPart } from "./row_part.ts";
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
  parts: AsyncIterable<ReadPart<Cells> | PlainPart>,
  model: AnyModel,
  rules: ColumnRules,
  file: string,
): AsyncGenerator<RowPart> {
  let createParts: PartCreator | undefined;
  let isOneColumn = false;
  for await (const part of parts) {
    if ("plain" in part) {
      if (createParts !== undefined) yield createParts.ofPlain(part);
      continue;
    }
    const { records, characters } = part;
    let rest = records;
    if (createParts === undefined) {
      const at = records.findIndex(({ content }) =>
        content.some((cell) => cell.trim() !== "")
      );
      const header = records[at];
      if (header === undefined) continue;
      const { content, line } = header;
      const position = positionText(file, line);
      createParts = partCreator(
        content,
        columnsOf(model, rules, content, position),
      );
      isOneColumn = content.length === 1;
      rest = records.slice(at + 1);
    }
    const hasBlank = !isOneColumn && rest.some(isBlank);
    yield createParts.ofRecords(
      hasBlank ? rest.filter((record) => !isBlank(record)) : rest,
      characters,
    );
  }
}

function isBlank({ content }: Cells): boolean {
  return content.length === 1 && content[0] === "";
}

/** Creates the parts after a header. */
interface PartCreator {
  ofRecords(records: readonly Cells[], characters: number): RowPart;
  ofPlain(part: PlainPart): RowPart;
}

function partCreator(
  header: readonly string[],
  fields: readonly (Field | undefined)[],
): PartCreator {
  const columns = fields.flatMap((field, index) =>
    field === undefined ? [] : [{ index, field }]
  );
  const convert = rowConverter(header, fields);
  const readers = columns.map(cellsReader);
  const sourceOf = (cells: CellSource): ColumnSource => ({
    fields: columns.map(({ field }) => field),
    fits: cells.areComplete,
    read: (column, ...range) => readers[column]?.(cells, ...range) ?? false,
  });
  return {
    ofRecords: (records, characters) => ({
      length: records.length,
      characters,
      rows: (from, end) => records.slice(from, end).map(convert),
      raw: () => (index) => rawRow(header, records[index]?.content ?? []),
      columns: {
        ...sourceOf(cellsOf(records, header.length)),
        line: (index) => records[index]?.line ?? 0,
      },
    }),
    ofPlain: ({ plain, line, characters }) => ({
      length: plain.length,
      characters,
      rows: (from, end) =>
        Array.from({ length: end - from }, (_, at) =>
          convert({
            line: line + from + at,
            content: header.map((_, column) => plain.text(from + at, column)),
            problem: undefined,
            isCut: false,
          })),
      raw: () => {
        const cells = plain.kept();
        return (index) => rawRow(header, cells(index));
      },
      columns: {
        ...sourceOf(plainCells(plain)),
        line: (index) => line + index,
      },
    }),
  };
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
        rawRow(header, content),
        `has ${content.length} columns, and the header has ${width}`,
      );
    }
    const row = read(content, problems);
    if (record.emptyTexts !== undefined) {
      setEmptyTexts(row, record.emptyTexts, fields);
    }
    if (problems.length === 0) return { line, row, problems: undefined };
    const refused = { line, row: rawRow(header, content), problems };
    problems = [];
    return refused;
  };
}

/** Returns the cells of a record by the names of their columns. */
function rawRow(header: readonly string[], cells: readonly string[]): object {
  return Object.fromEntries(
    cells.map((cell, index) => [header[index] ?? `column ${index + 1}`, cell]),
  );
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
