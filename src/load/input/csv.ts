import papa from "papaparse";
import { beyond, type Limits } from "../../ztf/input/limits.ts";
import { emptyTexts } from "./empty_texts.ts";
import { fileProblem, positionText } from "./file_problem.ts";
import { delimiterOf } from "./format.ts";
import type { ReadRecord } from "./records.ts";

/** The file that is read. */
interface CsvFile {
  readonly name: string;
  /** The name of the model, for errors. */
  readonly model: string;
  readonly format: "csv" | "tsv";
  readonly limits: Limits;
}

/** A record of CSV. */
export interface Cells extends ReadRecord<readonly string[]> {
  /** The columns with a value that is written as `""`; undefined if there are none. */
  readonly emptyTexts?: readonly number[] | undefined;
}

/** Characters that are parsed at once. */
const PART = 1 << 19;
/** The most malformed records of a file that are set aside: each takes another look at a part. */
const MAX_MALFORMED = 100;

/**
 * Parses CSV or TSV (RFC 4180): the records of each part of the text, the header
 * among them. A quoted value may contain line breaks. After a malformed quote,
 * parsing continues with the next line.
 *
 * @throws {LimitError} if a record is longer than `maxLine`
 * @throws {ValidationError} if too many records have malformed quotes
 */
export async function* csvRecords(
  texts: AsyncIterable<string>,
  { name, model, format, limits }: CsvFile,
): AsyncGenerator<readonly Cells[]> {
  let [rest, line, malformed] = ["", 1, 0];
  let dialect: Dialect | undefined;

  /** Takes the records at the beginning of the rest, up to the first malformed one. */
  const take = (isLast: boolean): Cells[] => {
    dialect ??= dialectOf(format, rest);
    const { lineEnd } = dialect;
    const { data, end, problem } = parse(dialect, rest, limits.maxLine, isLast);
    const text = rest.slice(0, end);
    rest = rest.slice(end);
    const empty = emptyTexts(data, text, dialect.delimiter, lineEnd);
    const read = withLines(withoutReturns(data, text), text, line, lineEnd);
    const records = empty.size === 0
      ? read
      : read.map((record, at) => ({ ...record, emptyTexts: empty.get(at) }));
    line += lineEnds(text, lineEnd);
    const long = text.length > limits.maxLine
      ? records.find(({ content }) => content.join("").length > limits.maxLine)
      : undefined;
    if (long !== undefined) {
      throw beyond("maxLine", limits, positionText(name, long.line));
    }
    if (problem === undefined) {
      if (rest.length > limits.maxLine) {
        throw beyond("maxLine", limits, positionText(name, line));
      }
      return isLast
        ? records.map((record) => ({ ...record, isCut: true }))
        : records;
    }
    if (++malformed > MAX_MALFORMED) {
      throw fileProblem(
        model,
        positionText(name, line),
        `${problem}; more than ${MAX_MALFORMED} lines have malformed quotes`,
      );
    }
    const [bad = ""] = rest.split(lineEnd, 1);
    records.push({ line, content: [bad], problem, isCut: false });
    rest = rest.slice(bad.length + 1);
    line++;
    return records;
  };

  const part = Math.min(PART, limits.maxLine);
  let wanted = part;
  for await (const text of texts) {
    rest += text;
    while (rest.length >= wanted) {
      const before = rest.length;
      yield take(false);
      // A long record is parsed again only after its text has doubled.
      wanted = rest.length === before ? 2 * before : part;
    }
  }
  for (let isLast = false; rest !== "";) {
    const before = rest.length;
    yield take(isLast);
    isLast = rest.length === before;
  }
}

/** How the values of a file are separated. */
interface Dialect {
  readonly delimiter: string;
  readonly lineEnd: "\n" | "\r";
}

/** Returns the dialect of a file from its beginning, which has the header. */
function dialectOf(format: CsvFile["format"], text: string): Dialect {
  const [header = ""] = text.split(/[\r\n]/, 1);
  return {
    delimiter: delimiterOf(format, header),
    lineEnd: text.includes("\n") || !text.includes("\r") ? "\n" : "\r",
  };
}

/** What the library returns. */
interface Parsed {
  readonly data: string[][];
  readonly errors: readonly { readonly code?: string; readonly row?: number }[];
  readonly meta: { readonly cursor: number };
}

/** The records at the beginning of a text. */
interface Beginning {
  readonly data: string[][];
  /** The number of their characters. */
  readonly end: number;
  /** Why the record after them is malformed; undefined if it is not. */
  readonly problem: string | undefined;
}

/** Parses the complete records of a text, up to the first malformed one; of the end of a file, its only record. */
function parse(
  { delimiter, lineEnd: newline }: Dialect,
  text: string,
  maxLine: number,
  isLast: boolean,
): Beginning {
  const records = (preview: number): Parsed =>
    new papa.Parser({ delimiter, newline, preview }).parse(text, 0, !isLast);
  const { data, errors, meta: { cursor } } = records(0);
  const [wrong] = errors;
  const end = isLast ? text.length : cursor;
  const row = wrong?.row ?? 0;
  // Of a record that is not complete yet, an error may be wrong, too.
  const isCertain = row < data.length || text.length - end > maxLine;
  if (wrong === undefined || !isCertain) {
    return { data, end, problem: undefined };
  }
  const problem = wrong.code === "MissingQuotes"
    ? "begins a quoted value that never ends"
    : 'has text after the closing quote of a value; write a quote within a value as ""';
  if (row === 0) return { data: [], end: 0, problem };
  const { data: before, meta } = records(row);
  return { data: before, end: meta.cursor, problem };
}

/** Removes the carriage returns of line ends. Only a quoted value can end with one of its own. */
function withoutReturns(data: string[][], text: string): string[][] {
  if (!text.includes("\r") || text.includes('\r"')) return data;
  for (const cells of data) {
    const last = cells.at(-1);
    if (last?.endsWith("\r")) cells[cells.length - 1] = last.slice(0, -1);
  }
  return data;
}

/** Returns records with their lines. */
function withLines(
  data: readonly string[][],
  text: string,
  first: number,
  lineEnd: string,
): Cells[] {
  // Only quoted values contain line ends.
  const isQuoted = text.includes('"');
  let line = first;
  return data.map((content) => {
    const start = line;
    line += 1;
    if (isQuoted) {
      for (const cell of content) line += lineEnds(cell, lineEnd);
    }
    return { line: start, content, problem: undefined, isCut: false };
  });
}

function lineEnds(text: string, lineEnd: string): number {
  let [count, at] = [0, text.indexOf(lineEnd)];
  while (at >= 0) [count, at] = [count + 1, text.indexOf(lineEnd, at + 1)];
  return count;
}
