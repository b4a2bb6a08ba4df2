import papa from "papaparse";
import { beyond, type Limits } from "../../files/read/limits.ts";
import { emptyTexts } from "./empty_texts.ts";
import { fileProblem, positionText } from "./file_problem.ts";
import { delimiterOf } from "./format.ts";
import { lineEnds } from "./line_ends.ts";
import { eachQuoted } from "./quoted_cells.ts";
import {
  createPlainLines,
  type FindPlainLines,
  type PlainLines,
} from "./plain_lines.ts";
import type { ReadPart, ReadRecord } from "./records.ts";
import type { TextPiece } from "./texts.ts";
import { wholeRecords } from "./whole_records.ts";

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

/** Lines that need no parser. */
export interface PlainPart {
  readonly plain: PlainLines;
  /** The line of the first one, from 1. */
  readonly line: number;
  /** The number of their characters. */
  readonly characters: number;
}

/** Characters that are parsed at once: few, so that the values are freed early. */
const PART = 1 << 15;
/** Characters of the beginning, which decides the dialect. */
const BEGINNING = 1 << 19;
/** The most malformed records of a file that are set aside: each takes another look at a part. */
const MAX_MALFORMED = 100;

/**
 * Parses CSV or TSV (RFC 4180): the records of each part of the text, the header
 * among them. A quoted value may contain line breaks. After a malformed quote,
 * parsing continues with the next line. After the beginning, the cells of plain
 * lines are found in the bytes, without a text for each.
 *
 * @throws {LimitError} if a record is longer than `maxLine`
 * @throws {ValidationError} if too many records have malformed quotes
 */
export async function* csvRecords(
  pieces: AsyncIterable<TextPiece>,
  { name, model, format, limits }: CsvFile,
): AsyncGenerator<ReadPart<Cells> | PlainPart> {
  let [rest, line, malformed] = ["", 1, 0];
  let dialect: Dialect | undefined;
  let width: number | undefined;
  let findPlain: FindPlainLines | undefined;

  /** Takes the records at the beginning of the rest, up to the first malformed one. */
  const take = (isLast: boolean): Cells[] => {
    dialect ??= dialectOf(format, rest);
    const { delimiter, lineEnd } = dialect;
    const { end, problem } = wholeRecords(rest, dialect, isLast);
    const text = rest.slice(0, end);
    const data = parse(dialect, text, isLast && problem === undefined);
    rest = rest.slice(end);
    const empty = emptyTexts(data, text, delimiter, lineEnd);
    const read = withLines(
      withoutReturns(data, text, dialect),
      text,
      line,
      lineEnd,
    );
    const records = empty.size === 0
      ? read
      : read.map((record, at) => ({ ...record, emptyTexts: empty.get(at) }));
    line += lineEnds(text, lineEnd);
    width ??= records.find(({ content }) => content.join("").trim() !== "")
      ?.content.length;
    const long = text.length > limits.maxLine
      ? records.find(({ content }) =>
        content.join(delimiter).length > limits.maxLine
      )
      : undefined;
    if (long !== undefined) {
      throw beyond("maxLine", limits, positionText(name, long.line));
    }
    const [bad = ""] = problem === undefined ? [rest] : rest.split(lineEnd, 1);
    if (bad.length > limits.maxLine) {
      throw beyond("maxLine", limits, positionText(name, line));
    }
    if (problem === undefined || !(isLast || rest.includes(lineEnd))) {
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
    const isCut = isLast && bad.length === rest.length;
    records.push({ line, content: [bad], problem, isCut });
    rest = rest.slice(bad.length + 1);
    line++;
    return records;
  };

  /** Returns the lines of a piece, if they are plain and nothing precedes them. */
  const plainLines = (bytes: Uint8Array): PlainLines | undefined => {
    if (rest !== "" || dialect?.lineEnd !== "\n") return undefined;
    // A blank line of one column is a row.
    if (width === undefined || width === 1) return undefined;
    findPlain ??= createPlainLines(dialect.delimiter, width, limits.maxLine);
    return findPlain(bytes);
  };

  /** Skips blank lines, which are no rows of several columns: a compressed file may have billions of them. */
  const skipBlankLines = (): void => {
    if (dialect === undefined || width === undefined || width === 1) return;
    const { end, lines } = blankLines(rest, dialect.lineEnd);
    rest = rest.slice(end);
    line += lines;
  };

  const part = Math.min(PART, limits.maxLine);
  let wanted = Math.min(BEGINNING, limits.maxLine);
  for await (const piece of pieces) {
    const plain = plainLines(piece.bytes);
    if (plain !== undefined) {
      yield { plain, line, characters: piece.bytes.length };
      piece.skip(plain.length);
      line += plain.length;
      continue;
    }
    const text = piece.text();
    // A look at a long rest would copy it.
    const isShort = rest.length < 2;
    rest += text;
    if (isShort) skipBlankLines();
    while (rest.length >= wanted) {
      const before = rest.length;
      const records = take(false);
      yield { records, characters: before - rest.length };
      // A long record is parsed again only after its text has doubled.
      wanted = rest.length === before
        ? Math.min(2 * before, limits.maxLine + 1)
        : part;
    }
  }
  for (let isLast = false; rest !== "";) {
    const before = rest.length;
    const records = take(isLast);
    yield { records, characters: before - rest.length };
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

/** Parses complete records; the last one of a file may have no line end. */
function parse(
  { delimiter, lineEnd: newline }: Dialect,
  text: string,
  isLast: boolean,
): string[][] {
  const parser = new papa.Parser({ delimiter, newline });
  const { data }: { data: string[][] } = parser.parse(text, 0, !isLast);
  return data;
}

/** Removes the carriage returns of line ends. Only a quoted value can end with one of its own. */
function withoutReturns(
  data: string[][],
  text: string,
  dialect: Dialect,
): string[][] {
  if (!text.includes("\r")) return data;
  const quoted = new Set<number>();
  if (text.includes('\r"')) {
    eachQuoted(data, text, dialect, (_, record, column) => {
      if (column + 1 === data[record]?.length) quoted.add(record);
    });
  }
  for (const [record, cells] of data.entries()) {
    const last = cells.at(-1);
    if (last?.endsWith("\r") && !quoted.has(record)) {
      cells[cells.length - 1] = last.slice(0, -1);
    }
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

/** Returns the end and the number of the blank lines at the beginning of a text. */
function blankLines(
  text: string,
  lineEnd: string,
): { readonly end: number; readonly lines: number } {
  let [end, lines] = [0, 0];
  for (;;) {
    const at = text[end] === "\r" && lineEnd === "\n" ? end + 1 : end;
    if (text[at] !== lineEnd) return { end, lines };
    end = at + 1;
    lines++;
  }
}
