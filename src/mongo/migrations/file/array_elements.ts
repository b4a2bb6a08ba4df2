import { fileError, type Position } from "../../../migrations/file/position.ts";

/** An element of a file's array. */
export interface Element {
  /** Its JSON. */
  readonly text: string;
  /** The value of the JSON. */
  readonly value: unknown;
  readonly position: Position;
}

/**
 * Returns the elements of a file, which is a JSON array.
 *
 * @throws {MigrationError} with exit code 4 if the file is not a JSON array, or
 * has a duplicate key, a number that JSON would round, or too many levels
 */
export function elementsOf(given: string, file: string): readonly Element[] {
  const text = given.replace(/^\uFEFF/, "");
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (error) {
    throw syntaxError(error, text, file);
  }
  if (!Array.isArray(values)) {
    throw fileError(
      { file, line: 1 },
      'a file must be an array of commands: [ { "create": "night" } ]',
    );
  }
  const positionOf = (offset: number): Position => ({
    file,
    line: text.slice(0, offset).split("\n").length,
  });
  return elementRanges(text, positionOf).map(([start, end], index) => ({
    text: text.slice(start, end),
    value: values[index],
    position: positionOf(start),
  }));
}

/** How many levels of nested values the server accepts. */
const DEEPEST = 200;

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}:,]|[^\s[\]{}:,"]+/g;

/** Returns where each element of a valid JSON array begins and ends. */
function elementRanges(
  text: string,
  positionOf: (offset: number) => Position,
): (readonly [start: number, end: number])[] {
  const ranges: (readonly [number, number])[] = [];
  /** The open arrays and objects, each with the keys that an object has so far. */
  const open: Set<string>[] = [];
  let previous = "";
  let start = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (open.length === 1 && token !== "," && token !== "]") start = index;
    if (token === "[" || token === "{") {
      if (open.length > DEEPEST + 1) {
        throw fileError(
          positionOf(index),
          `the value has more than ${DEEPEST} levels`,
        );
      }
      open.push(new Set());
    } else if (token === "]" || token === "}") open.pop();
    else if (token === ":") {
      const key = previous;
      if (open.at(-1)?.has(key)) {
        throw fileError(
          positionOf(index),
          `duplicate key ${key} in one object`,
        );
      }
      open.at(-1)?.add(key);
    } else if (
      /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token))
    ) {
      throw fileError(
        positionOf(index),
        `JSON would round the number ${token}`,
        `{ "$numberLong": "${token}" }`,
      );
    }
    const end = index + token.length;
    if (open.length === 1 && token !== "," && previous !== "") {
      ranges.push([start, end]);
    }
    previous = token;
  }
  return ranges;
}

function syntaxError(error: unknown, text: string, file: string): Error {
  const message = error instanceof Error ? error.message : String(error);
  const problem = message.replace(/, (?:\.\.\.)?".*is not valid JSON$/s, "")
    .replace(/ (?:in JSON )?at position.*$/s, "");
  const lines = text.split("\n");
  const invalid = lines.findIndex((_, index) =>
    isInvalid(lines.slice(0, index + 1).join("\n"))
  );
  return fileError(
    { file, line: invalid < 0 ? lines.length : invalid + 1 },
    `invalid JSON: ${problem}${
      /^[\s[,]*(?:\/\/|--|#|\/\*)/m.test(text)
        ? '; JSON has no comments: give a command a "comment"'
        : ""
    }`,
  );
}

/** Returns whether no valid JSON begins with a text. */
function isInvalid(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    const [, position] = /at position (\d+)/.exec(message) ?? [];
    return !/end of JSON input|Unterminated string/.test(message) &&
      (position === undefined || Number(position) < text.length);
  }
}
