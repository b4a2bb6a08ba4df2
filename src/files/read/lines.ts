import { beyond, type Limits } from "./limits.ts";
import { fileBytes } from "./file_bytes.ts";
import { readError } from "./packet_error.ts";

/** Line feed. */
const END = 10;

/** A line that is not blank. */
export interface Line {
  /** Its number, from 1. */
  readonly number: number;
  /** Its text, without white space around it. */
  readonly text: string;
}

/**
 * Reads the lines of a file in UTF-8 that are not blank.
 *
 * @throws {ValidationError} if the file cannot be read
 * @throws {LimitError} if a line is longer than `maxLine`, before the rest of it is read
 */
export async function* fileLines(
  path: string,
  limits: Limits,
): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [number, length, text] = [1, 0, ""];
  const add = (bytes: Uint8Array): void => {
    length += bytes.length;
    if (length > limits.maxLine) {
      throw beyond("maxLine", limits, `${path}, line ${number}`);
    }
    try {
      text += decoder.decode(bytes, { stream: true });
    } catch (error) {
      throw readError(path, error);
    }
  };
  for await (const bytes of fileBytes(path, limits)) {
    let start = 0;
    for (
      let end = bytes.indexOf(END);
      end >= 0;
      end = bytes.indexOf(END, start)
    ) {
      if (end > start) add(bytes.subarray(start, end));
      text = text.trim();
      if (text !== "") yield { number, text };
      [number, length, text] = [number + 1, 0, ""];
      start = end + 1;
    }
    if (start < bytes.length) add(bytes.subarray(start));
  }
  text = (text + endOf(decoder, path)).trim();
  if (text !== "") yield { number, text };
}

/** Returns what the decoder still holds: a file may end within a character. */
function endOf(decoder: TextDecoder, path: string): string {
  try {
    return decoder.decode();
  } catch (error) {
    throw readError(path, error);
  }
}
