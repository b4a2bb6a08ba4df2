import { type Token, tokens } from "./tokens.ts";

/** How much of a statement is told. */
const TOLD = 80;

/** The beginning of a statement, whole or cut off, for people: one line, without comments, and without what stands in quotes, which may be a secret. */
export function beginning(statement: string): string {
  let line = "";
  let end: number | undefined;
  for (const token of tokensOf(statement)) {
    if (line.length > TOLD) break;
    if (token.kind === "comment") continue;
    const gap = end === undefined || end === token.start ? "" : " ";
    const text = statement.slice(token.start, token.end);
    line += `${gap}${token.kind === "string" ? "'…'" : text}`;
    end = token.end;
  }
  return line.length > TOLD ? `${line.slice(0, TOLD - 1).trimEnd()}…` : line;
}

/** The tokens up to where something in quotes is cut off. */
function* tokensOf(statement: string): Generator<Token> {
  try {
    yield* tokens(statement, "");
  } catch {
    // What has no end is not told.
  }
}
