const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
/** The first byte that is no character of ASCII. */
const BEYOND_ASCII = 128;

/** What a byte means: part of a value, the end of a cell, the end of a line, or that the line is not plain. */
const [PART_OF_VALUE, DELIMITER, LINE_END, NOT_PLAIN] = [0, 1, 2, 3] as const;

/**
 * Whole lines of CSV in ASCII, without quotes: cells between delimiters, and as
 * many in each line. They are valid until the next ones are found.
 */
export interface PlainLines {
  /** The number of lines. */
  readonly length: number;
  /** The number of cells in a line. */
  readonly width: number;
  readonly bytes: Uint8Array;
  /** The ends of the cells, line after line. */
  readonly ends: Int32Array;
  /** The beginnings of the lines. */
  readonly starts: Int32Array;
  /** Returns the text of a cell. */
  text(line: number, column: number): string;
  /** Returns a function that returns the texts of a line. It is valid after the next lines are found, too. */
  kept(): (line: number) => string[];
}

/** Finds the cells of lines, if all lines are plain, have as many cells, and are not longer than a limit. */
export type FindPlainLines = (bytes: Uint8Array) => PlainLines | undefined;

/**
 * Creates a function that finds the cells of lines. A carriage return before the
 * line feed belongs to the line end.
 *
 * @param width the number of cells of each line, 2 or more
 * @param maxLength the most bytes of a line
 */
export function createPlainLines(
  delimiter: string,
  width: number,
  maxLength: number,
): FindPlainLines {
  const kinds = kindsOf(delimiter);
  let ends = new Int32Array();
  let starts = new Int32Array();

  /** Returns the number of lines; -1 if one is not plain. */
  function find(bytes: Uint8Array): number {
    let [lines, cells, start] = [0, 0, 0];
    for (let at = 0; at < bytes.length; at++) {
      const kind = kinds[bytes[at] ?? 0] ?? NOT_PLAIN;
      if (kind === PART_OF_VALUE) continue;
      const isReturn = bytes[at] === CARRIAGE_RETURN;
      if (kind === NOT_PLAIN) return -1;
      ends[cells++] = at;
      if (kind === DELIMITER) continue;
      if (isReturn && bytes[++at] !== LINE_FEED) return -1;
      starts[lines++] = start;
      if (cells !== lines * width || at - start > maxLength) return -1;
      start = at + 1;
    }
    return start === bytes.length ? lines : -1;
  }

  return (bytes) => {
    if (ends.length < bytes.length) {
      ends = new Int32Array(bytes.length);
      starts = new Int32Array(Math.ceil(bytes.length / width));
    }
    const length = find(bytes);
    if (length < 0) return undefined;
    let all: string | undefined;
    const lines: PlainLines = {
      ...{ length, width, bytes, ends, starts },
      text(line, column) {
        all ??= new TextDecoder().decode(bytes);
        return all.slice(
          cellStart(lines, line, column),
          ends[line * width + column],
        );
      },
      kept() {
        let texts: readonly string[] | undefined;
        return (line) => {
          texts ??= new TextDecoder().decode(bytes).split(/\r?\n/);
          return texts[line]?.split(delimiter) ?? [];
        };
      },
    };
    return lines;
  };
}

/** Returns the beginning of a cell. */
export function cellStart(
  { ends, starts, width }: PlainLines,
  line: number,
  column: number,
): number {
  return column === 0
    ? starts[line] ?? 0
    : (ends[line * width + column - 1] ?? 0) + 1;
}

/** Returns the end of a cell. */
export function cellEnd(
  { ends, width }: PlainLines,
  line: number,
  column: number,
): number {
  return ends[line * width + column] ?? 0;
}

function kindsOf(delimiter: string): Uint8Array {
  const kinds = new Uint8Array(256).fill(PART_OF_VALUE);
  kinds.fill(NOT_PLAIN, BEYOND_ASCII);
  kinds[QUOTE] = NOT_PLAIN;
  kinds[delimiter.charCodeAt(0)] = DELIMITER;
  kinds[LINE_FEED] = kinds[CARRIAGE_RETURN] = LINE_END;
  return kinds;
}
