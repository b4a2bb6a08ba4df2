import { Buffer } from "node:buffer";
import { DamagedData } from "./damaged_data.ts";
import { fileProblem, positionText } from "./file_problem.ts";
import { LimitError, messageOf } from "../../base/errors/mod.ts";
import { lineEnds } from "./line_ends.ts";

const LINE_FEED = 10;

/** Bytes that are decoded at once: the text is small enough to be freed without a full garbage collection. */
const PIECE = 64 << 10;
/** Bytes without a line end that are kept until one follows. */
const MAX_HELD = 8 << 20;
const EMPTY = new Uint8Array();
const BYTE_ORDER_MARK = "\ufeff";
/** What a lossy decoder puts in place of wrong bytes. */
const REPLACEMENT = "\ufffd";

/**
 * Bytes of a text: whole characters, and whole lines if these are not very long.
 * Call one of the methods, once, before the next piece is read.
 */
export interface TextPiece {
  readonly bytes: Uint8Array;
  /**
   * Decodes the bytes, without a byte order mark.
   *
   * @throws {ValidationError} if they are no UTF-8, with the line
   */
  text(): string;
  /** Leaves the bytes, which have some line ends, to the caller. */
  skip(lines: number): void;
}

/**
 * Decodes UTF-8, without a byte order mark.
 *
 * @param model the name of the model, for errors
 * @throws {ValidationError} if the bytes cannot be read, or are no UTF-8, with the line
 */
export async function* textsOf(
  parts: AsyncIterable<Uint8Array>,
  model: string,
  file: string,
): AsyncGenerator<string> {
  for await (const piece of textPieces(parts, model, file)) yield piece.text();
}

/**
 * Divides bytes into pieces of text.
 *
 * @param model the name of the model, for errors
 * @throws {ValidationError} if the bytes cannot be read
 */
export async function* textPieces(
  parts: AsyncIterable<Uint8Array>,
  model: string,
  file: string,
): AsyncGenerator<TextPiece> {
  const decode = createDecoder();
  let line = 1;
  const pieceOf = (bytes: Uint8Array): TextPiece => ({
    bytes,
    text() {
      try {
        const text = decode(bytes);
        line += lineEnds(text, "\n");
        return text;
      } catch (error) {
        const position = positionText(file, line + linesBeforeProblem(bytes));
        throw fileProblem(model, position, "is not valid UTF-8", error);
      }
    },
    skip: (lines) => void (line += lines),
  });
  const iterator = parts[Symbol.asyncIterator]();
  let held: Uint8Array[] = [];
  let size = 0;
  const hold = (bytes: Uint8Array): void => {
    held.push(bytes);
    size += bytes.length;
  };
  try {
    for (;;) {
      const next = await nextPart(iterator, model, file, () => line);
      if (next.done === true) break;
      for (const piece of piecesOf(next.value)) {
        const lineEnd = piece.lastIndexOf(LINE_FEED) + 1;
        const end = size + lineEnd;
        hold(piece);
        if (lineEnd === 0 && size < MAX_HELD) continue;
        const bytes = joined(held);
        const cut = lineEnd === 0 ? endOfCharacters(bytes) : end;
        [held, size] = [[], 0];
        if (cut < bytes.length) hold(bytes.subarray(cut));
        yield pieceOf(bytes.subarray(0, cut));
      }
    }
    yield pieceOf(joined(held));
  } finally {
    await iterator.return?.();
  }
}

function joined([first = EMPTY, ...others]: readonly Uint8Array[]): Uint8Array {
  return others.length === 0 ? first : Buffer.concat([first, ...others]);
}

/** Divides bytes at line ends, if these are near enough. */
function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length;) {
    const end = Math.min(from + PIECE, bytes.length);
    const lineEnd = bytes.lastIndexOf(LINE_FEED, end - 1) + 1;
    const to = end < bytes.length && lineEnd > from ? lineEnd : end;
    yield bytes.subarray(from, to);
    from = to;
  }
}

/** Returns the function that decodes one piece of whole characters after the other, and throws if the bytes are no UTF-8. */
function createDecoder(): (bytes: Uint8Array) => string {
  // A decoder that reports wrong bytes takes five times as long, and creates texts of twice the size.
  const lossy = new TextDecoder("utf-8", { ignoreBOM: true });
  const exact = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
  let isFirst = true;
  return (bytes) => {
    const text = lossy.decode(bytes);
    if (text.includes(REPLACEMENT)) exact.decode(bytes);
    const hasMark = isFirst && text.startsWith(BYTE_ORDER_MARK);
    isFirst &&= text === "";
    return hasMark ? text.slice(1) : text;
  };
}

/** Returns the end of the last character that is not cut off. */
function endOfCharacters(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back] ?? 0;
    const isContinued = (byte & 0xc0) === 0x80;
    if (!isContinued) return byteLength(byte) > back ? length - back : length;
  }
  return length;
}

/** Returns the number of bytes of a character that begins with a byte. */
function byteLength(byte: number): number {
  if (byte < 0xc0) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

/** Reads, and reports the problems of the file system and of decompression with the line that was reached. */
async function nextPart(
  iterator: AsyncIterator<Uint8Array>,
  model: string,
  file: string,
  line: () => number,
): Promise<IteratorResult<Uint8Array>> {
  try {
    return await iterator.next();
  } catch (error) {
    throw readProblem(model, file, line(), error);
  }
}

/** Returns the error of a file whose bytes cannot be read. */
export function readProblem(
  model: string,
  file: string,
  line: number,
  error: unknown,
): unknown {
  if (error instanceof LimitError) return error;
  const message = messageOf(error);
  return error instanceof DamagedData
    ? fileProblem(
      model,
      positionText(file, line),
      `is followed by compressed data that is cut off or damaged: ${message}`,
      error,
    )
    : fileProblem(model, file, `cannot be read: ${message}`, error);
}

/** Returns the number of lines that are valid before the first invalid one. */
function linesBeforeProblem(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [lines, start] = [0, 0];
  for (
    let end = bytes.indexOf(LINE_FEED);
    end >= 0;
    end = bytes.indexOf(LINE_FEED, start)
  ) {
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return lines;
    }
    [lines, start] = [lines + 1, end + 1];
  }
  return lines;
}
