import type { AnyModel } from "../../model/types.ts";
import type { Limits } from "../../files/read/limits.ts";
import { csvRecords } from "../input/csv.ts";
import { contentOf } from "../input/decompress.ts";
import { fileProblem } from "../input/file_problem.ts";
import { type Format, formatOf, otherFormat } from "../input/format.ts";
import { jsonRecords } from "../input/ndjson.ts";
import type { Input } from "../input/source.ts";
import { readProblem, textPieces, textsOf } from "../input/texts.ts";
import type { ColumnRules } from "./columns.ts";
import { rowsFromParquet } from "./from_columns.ts";
import { rowsFromAvro } from "./from_records.ts";
import { rowsFromCells } from "./from_cells.ts";
import { rowsFromObjects } from "./from_objects.ts";
import type { RowPart } from "./row_part.ts";

/** How a file is read. */
export interface Reading {
  readonly model: AnyModel;
  readonly rules: ColumnRules;
  /** The format; undefined to read it from the content. */
  readonly format: Format | undefined;
  readonly limits: Limits;
}

/** The name of a file of NDJSON. Only that of an empty file matters: NDJSON without rows is empty, as an export of no rows. */
const NDJSON_NAME = /\.(?:ndjson|jsonl)(?:\.(?:gz|zst))?$/i;

/**
 * Reads the rows of a file, in parts.
 *
 * @throws {ValidationError} if the file cannot be read, or is no table
 * @throws {LimitError} if the file exceeds a limit
 */
export async function* readRows(
  input: Input,
  { model, rules, format: requested, limits }: Reading,
): AsyncGenerator<RowPart> {
  const { head, parts, isCompressed } = await contentOf(input, limits).catch(
    (error) => {
      throw readProblem(model.name, input.name, 1, error);
    },
  );
  const refuse = async (reason: string): Promise<never> => {
    await parts.return(undefined);
    throw fileProblem(model.name, input.name, reason);
  };
  const other = otherFormat(head);
  if (other !== undefined) await refuse(other);
  const isEmpty = head.length === 0;
  const hasNoRows = requested === "ndjson" ||
    requested === undefined && NDJSON_NAME.test(input.name);
  if (isEmpty && !hasNoRows) await refuse("is empty");
  const found = isEmpty ? "ndjson" : formatOf(head);
  const format = requested ?? found;
  if (!isReadable(format, found) && head.length > 0) {
    await refuse(`is not ${format}: its content looks like ${found}`);
  }
  if (format === "parquet") {
    await parts.return(undefined);
    if (isCompressed) {
      await refuse(
        "is a Parquet file that was compressed; decompress it first",
      );
    }
    return yield* rowsFromParquet(input, model, rules, limits);
  }
  if (format === "avro") {
    return yield* rowsFromAvro(
      bytesOf(parts, model.name, input.name),
      input.name,
      model,
      rules,
      limits,
    );
  }
  if (format === "ndjson") {
    const texts = textsOf(parts, model.name, input.name);
    const records = jsonRecords(texts, input.name, limits);
    yield* rowsFromObjects(records, model, rules);
  } else {
    const file = { name: input.name, model: model.name, format, limits };
    const pieces = textPieces(parts, model.name, input.name);
    yield* rowsFromCells(csvRecords(pieces, file), model, rules, input.name);
  }
}

/** Whether content that looks like a format may have another: text is CSV or TSV. */
function isReadable(format: Format, found: Format): boolean {
  const isText = (one: Format): boolean => one === "csv" || one === "tsv";
  return format === found || isText(format) && isText(found);
}

/** Reads bytes, and reports the problems of the file system and of decompression. */
async function* bytesOf(
  parts: AsyncIterable<Uint8Array>,
  model: string,
  file: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* parts;
  } catch (error) {
    throw readProblem(model, file, 1, error);
  }
}
