import { fileError, type Place } from "../../../migrations/file/file_error.ts";

/** One element of a file's array. */
export interface Element {
  /** Its JSON. */
  readonly text: string;
  /** Where it begins. */
  readonly place: Place;
}

/**
 * The elements of a file, which is a JSON array, each with its line.
 *
 * @throws {MigrationError} where it is no JSON, no array, or says a key twice,
 * of which JSON would take the last in silence
 */
export function elementsOf(given: string, file: string): readonly Element[] {
  const text = given.replace(/^\uFEFF/, "");
  const lineAt = (offset: number): number =>
    text.slice(0, offset).split("\n").length;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notJson(error, text, file);
  }
  if (!Array.isArray(value)) {
    throw fileError(
      { file, line: 1 },
      'a file is an array of commands, as [ { "create": "night" } ]',
    );
  }
  const elements: Element[] = [];
  const walk = walker(text, (offset, problem, suggestion) => {
    throw fileError({ file, line: lineAt(offset) }, problem, suggestion);
  });
  let at = walk.space(walk.space(0) + 1);
  while (text[at] !== "]") {
    const end = walk.value(at);
    elements.push({
      text: text.slice(at, end),
      place: { file, line: lineAt(at) },
    });
    at = walk.space(end);
    if (text[at] === ",") at = walk.space(at + 1);
  }
  return elements;
}

/** How deep the server lets values be nested. */
const DEEPEST = 200;

/** Steps over text that is known to be JSON. */
function walker(
  text: string,
  refuse: (offset: number, problem: string, suggestion?: string) => never,
): {
  space(at: number): number;
  value(at: number): number;
} {
  const token = /"(?:[^"\\]|\\.)*"|[^\s,\]}]+/y;
  const scalar = (at: number): number => {
    token.lastIndex = at;
    token.exec(text);
    return token.lastIndex;
  };
  const space = (from: number): number => {
    let at = from;
    while (/\s/.test(text.charAt(at))) at++;
    return at;
  };
  const value = (from: number, depth = 0): number => {
    const open = text[from];
    if (open !== "{" && open !== "[") {
      const end = scalar(from);
      const said = text.slice(from, end);
      if (/^-?\d+$/.test(said) && !Number.isSafeInteger(Number(said))) {
        refuse(
          from,
          `JSON does not keep the number ${said} as it is`,
          `{ "$numberLong": "${said}" }`,
        );
      }
      return end;
    }
    if (depth > DEEPEST) {
      refuse(from, `a value is nested deeper than ${DEEPEST} levels`);
    }
    const close = open === "{" ? "}" : "]";
    const keys = new Set<string>();
    let at = space(from + 1);
    while (text[at] !== close) {
      if (open === "{") {
        const end = scalar(at);
        const key = text.slice(at, end);
        if (keys.has(key)) {
          refuse(at, `the key ${key} is there twice in one object`);
        }
        keys.add(key);
        // Over the colon.
        at = space(space(end) + 1);
      }
      at = space(value(at, depth + 1));
      if (text[at] === ",") at = space(at + 1);
    }
    return at + 1;
  };
  return { space, value };
}

function notJson(error: unknown, text: string, file: string): Error {
  const said = error instanceof Error ? error.message : String(error);
  const words = said.replace(/, (?:\.\.\.)?".*is not valid JSON$/s, "").replace(
    / (?:in JSON )?at position.*$/s,
    "",
  );
  const lines = text.split("\n");
  const wrong = lines.findIndex((_, place) =>
    isWrong(lines.slice(0, place + 1).join("\n"))
  );
  return fileError(
    { file, line: wrong < 0 ? lines.length : wrong + 1 },
    `this is not JSON: ${words}${
      /^[\s[,]*(?:\/\/|--|#|\/\*)/m.test(text)
        ? '; JSON has no comments: a command takes a "comment"'
        : ""
    }`,
  );
}

/** Whether no text that begins so is JSON. */
function isWrong(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    const said = error instanceof Error ? error.message : "";
    const [, position] = /at position (\d+)/.exec(said) ?? [];
    return !/end of JSON input|Unterminated string/.test(said) &&
      (position === undefined || Number(position) < text.length);
  }
}
