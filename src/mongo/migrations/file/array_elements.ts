import { messageOf } from "../../../base/errors/mod.ts";
import { jsonStringEnd } from "../../../base/json_string_end.ts";
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
  const positionOf = linesOf(text, file);
  return elementRanges(text, positionOf).map(([start, end], index) => ({
    text: text.slice(start, end),
    value: values[index],
    position: positionOf(start),
  }));
}

/** How many levels of nested values the server accepts. */
const DEEPEST = 200;

const TOKEN = /"|[[\]{}:,]|[^\s[\]{}:,"]+/g;

/** Yields the tokens of valid JSON. */
function* tokensOf(text: string): Generator<readonly [string, number]> {
  const token = new RegExp(TOKEN);
  for (let found = token.exec(text); found; found = token.exec(text)) {
    const { 0: sign, index } = found;
    if (sign === '"') token.lastIndex = jsonStringEnd(text, token.lastIndex);
    yield [text.slice(index, token.lastIndex), index];
  }
}

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
  for (const [token, index] of tokensOf(text)) {
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
  const message = messageOf(error);
  const problem = message.replace(/, (?:\.\.\.)?".*is not valid JSON$/s, "")
    .replace(/ (?:in JSON )?at position.*$/s, "");
  return fileError(
    { file, line: invalidLine(text) },
    `invalid JSON: ${problem}${
      /^[ \t[,]*(?:\/\/|--|#|\/\*)/m.test(text)
        ? '; JSON has no comments: give a command a "comment"'
        : ""
    }`,
  );
}

/** Returns what finds the position of an offset. The offsets must not decrease. */
function linesOf(text: string, file: string): (offset: number) => Position {
  let [before, line] = [0, 1];
  return (offset) => {
    line += text.slice(before, offset).split("\n").length - 1;
    before = offset;
    return { file, line };
  };
}

/** Returns the first line after which a text cannot become valid JSON; the last one if there is none. */
function invalidLine(text: string): number {
  const ends = [...text.matchAll(/\n|$/g)].map(({ index }) => index);
  let [valid, invalid] = [0, ends.length];
  while (valid + 1 < invalid) {
    const middle = Math.floor((valid + invalid) / 2);
    if (isInvalid(text.slice(0, ends[middle - 1]))) invalid = middle;
    else valid = middle;
  }
  return invalid;
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
