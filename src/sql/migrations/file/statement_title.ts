import { type Token, tokens } from "./tokens.ts";

/** The longest title, in characters. */
const LONGEST = 80;

/**
 * Returns a statement for people: one line, without comments, and without quoted
 * text, which may be a secret.
 *
 * @param longest the number of characters after which it is cut
 */
export function statementTitle(
  statement: string,
  longest: number = LONGEST,
): string {
  let line = "";
  let end: number | undefined;
  for (const token of tokensOf(statement)) {
    if (line.length > longest) break;
    if (token.kind === "comment") continue;
    const gap = end === undefined || end === token.start ? "" : " ";
    const text = statement.slice(token.start, token.end);
    line += `${gap}${token.kind === "string" ? "'…'" : text}`;
    end = token.end;
  }
  return line.length > longest
    ? `${line.slice(0, longest - 1).trimEnd()}…`
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
