import { setMember } from "../../base/set_member.ts";
import type { AnyModel } from "../../model/types.ts";
import type { ReadPart, ReadRecord } from "../input/records.ts";
import { fromJson } from "../values/from_json.ts";
import { type ColumnRules, fieldOfColumn } from "./columns.ts";
import {
  type FieldProblem,
  type LoadedRow,
  malformedRow,
} from "./loaded_row.ts";
import { partOf, type RowPart } from "./row_part.ts";

/** Converts the records of an NDJSON file, which are objects. */
export async function* rowsFromObjects(
  parts: AsyncIterable<ReadPart<ReadRecord<unknown>>>,
  model: AnyModel,
  rules: ColumnRules,
): AsyncGenerator<RowPart> {
  for await (const { records, characters } of parts) {
    const rows = records.map((record) => rowOf(record, model, rules));
    const objects = records.map(({ content }) => Object(content));
    yield partOf(rows, objects, characters);
  }
}

function rowOf(
  record: ReadRecord<unknown>,
  model: AnyModel,
  rules: ColumnRules,
): LoadedRow {
  const { line, content, problem } = record;
  const isObject = typeof content === "object" && content !== null &&
    !Array.isArray(content);
  if (problem !== undefined || !isObject) {
    const reason = problem ?? "must be a JSON object";
    return malformedRow(record, { text: content }, reason);
  }
  const row: Record<string, unknown> = {};
  const problems: FieldProblem[] = [];
  for (const [name, value] of Object.entries(content)) {
    if (rules.skip.has(name)) continue;
    const field = fieldOfColumn(model, rules, name);
    const key = field?.name ?? name;
    if (Object.hasOwn(row, key)) {
      problems.push({ field: key, reason: "is given twice" });
    }
    setMember(
      row,
      key,
      field === undefined || value === null
        ? value
        : fromJson(field.type, value, (reason) => {
          problems.push({ field: key, reason });
        }),
    );
  }
  return problems.length === 0
    ? { line, row, problems: undefined }
    : { line, row: content, problems };
}
