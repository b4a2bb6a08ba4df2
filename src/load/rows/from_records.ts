import type { AnyModel } from "../../model/types.ts";
import { ValidationError } from "../../base/errors/mod.ts";
import { packetsOf } from "../../files/avro/container.ts";
import type { Limits } from "../../files/read/limits.ts";
import { fileProblem } from "../input/file_problem.ts";
import { typedConverter } from "../values/from_typed.ts";
import { type ColumnRules, columnsOf } from "./columns.ts";
import type { FieldProblem, LoadedRow } from "./loaded_row.ts";
import { partOf, type RowPart } from "./row_part.ts";

/** Rows that are converted at once. */
const PART = 500;

/**
 * Converts the records of an Avro container. The line of a row is its number, from 1.
 *
 * @throws {ValidationError} if the container is damaged, or its fields do not fit the model
 * @throws {LimitError} if a block or a record is beyond a limit
 */
export async function* rowsFromAvro(
  parts: AsyncIterable<Uint8Array>,
  file: string,
  model: AnyModel,
  rules: ColumnRules,
  limits: Limits,
): AsyncGenerator<RowPart> {
  let convert: ((record: object, line: number) => LoadedRow) | undefined;
  let [rows, records]: [LoadedRow[], object[]] = [[], []];
  let line = 1;
  for await (const record of recordsOf(parts, file, model, limits)) {
    convert ??= converter(model, rules, Object.keys(record), file);
    rows.push(convert(record, line++));
    records.push(record);
    if (rows.length < PART) continue;
    yield partOf(rows, records);
    [rows, records] = [[], []];
  }
  yield partOf(rows, records);
}

/** Reads records, and names the file in errors about the container. */
async function* recordsOf(
  parts: AsyncIterable<Uint8Array>,
  file: string,
  model: AnyModel,
  limits: Limits,
): AsyncGenerator<object> {
  try {
    for await (const record of packetsOf(parts, file, limits)) {
      if (typeof record !== "object" || record === null) {
        throw fileProblem(
          model.name,
          file,
          "is an Avro file whose schema is not a record",
        );
      }
      yield record;
    }
  } catch (error) {
    const isPacket = error instanceof ValidationError &&
      error.model === "alert";
    if (!isPacket) throw error;
    const reason = error.rows[0]?.reason ?? error.message;
    throw fileProblem(
      model.name,
      file,
      `is an Avro file that ${reason}`,
      error.cause ?? error,
    );
  }
}

function converter(
  model: AnyModel,
  rules: ColumnRules,
  names: readonly string[],
  file: string,
): (record: object, line: number) => LoadedRow {
  const fields = columnsOf(model, rules, names, file).flatMap(
    (field, index) =>
      field === undefined ? [] : [{
        field,
        name: names[index] ?? "",
        convert: typedConverter(field.type),
      }],
  );
  return (record, line) => {
    const row: Record<string, unknown> = {};
    let problems: FieldProblem[] | undefined;
    for (const { field, name, convert } of fields) {
      const value: unknown = Reflect.get(record, name) ?? null;
      row[field.name] = value === null
        ? field.nullable ? null : undefined
        : convert(value, (reason) => {
          (problems ??= []).push({ field: field.name, reason });
        });
    }
    return problems === undefined
      ? { line, row, problems }
      : { line, row: record, problems };
  };
}
