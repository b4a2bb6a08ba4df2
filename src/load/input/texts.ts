import { DamagedData } from "./damaged_data.ts";
import { fileProblem, positionText } from "./file_problem.ts";
import { LimitError, messageOf } from "../../base/errors/mod.ts";

const LINE_FEED = 10;

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
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  const decoded = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined
        ? decoder.decode()
        : decoder.decode(bytes, { stream: true });
    } catch (error) {
      const wrong = line + linesBeforeProblem(bytes ?? new Uint8Array());
      const position = positionText(file, wrong);
      throw fileProblem(model, position, "is not valid UTF-8", error);
    }
  };
  const iterator = parts[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await nextPart(iterator, model, file, () => line);
      if (next.done === true) break;
      yield decoded(next.value);
      line += count(next.value);
    }
    yield decoded();
  } finally {
    await iterator.return?.();
  }
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
  let [lines, start] = [0, 0];
  for (
    let end = bytes.indexOf(LINE_FEED);
    end >= 0;
    end = bytes.indexOf(LINE_FEED, start)
  ) {
    try {
      const decoder = new TextDecoder("utf-8", { fatal: true });
      // The first line may begin within a character of the previous part.
      if (start > 0) decoder.decode(bytes.subarray(start, end));
    } catch {
      return lines;
    }
    [lines, start] = [lines + 1, end + 1];
  }
  return lines;
}

function count(bytes: Uint8Array): number {
  let [lines, at] = [0, bytes.indexOf(LINE_FEED)];
  while (at >= 0) [lines, at] = [lines + 1, bytes.indexOf(LINE_FEED, at + 1)];
  return lines;
}
