import { type Token, tokens } from "./tokens.ts";

/** The longest title, in characters. */
const LONGEST = 80;

/** Returns the beginning of a statement for people: one line, without comments, and without quoted text, which may be a secret. */
export function statementTitle(statement: string): string {
  let line = "";
  let end: number | undefined;
  for (const token of tokensOf(statement)) {
    if (line.length > LONGEST) break;
    if (token.kind === "comment") continue;
    const gap = end === undefined || end === token.start ? "" : " ";
    const text = statement.slice(token.start, token.end);
    line += `${gap}${token.kind === "string" ? "'…'" : text}`;
    end = token.end;
  }
  return line.length > LONGEST
    ? `${line.slice(0, LONGEST - 1).trimEnd()}…`
    : line;
}

/** Yields the tokens up to one that has no end. */
function* tokensOf(statement: string): Generator<Token> {
  try {
    yield* tokens(statement, "");
  } catch {
    // Text without an end is left out.
  }
}
