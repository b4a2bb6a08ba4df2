import { fileError } from "../../../migrations/file/position.ts";
import { type Token, tokens } from "./tokens.ts";

/** A statement of a file. */
export interface Statement {
  /** As it is sent, without the `;`. */
  readonly text: string;
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** Its tokens without comments. */
  readonly tokens: readonly Token[];
}

/** A comment of a file. */
export interface Comment {
  /** With the signs that make it a comment. */
  readonly comment: string;
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** Whether only white space precedes it on its line. */
  readonly alone: boolean;
  /** The line on which the surrounding statement begins; undefined between statements. */
  readonly within: number | undefined;
}

/** A statement that has not ended yet. */
interface Open {
  readonly tokens: Token[];
  /** The open parentheses. */
  readonly parentheses: Token[];
  /** The open `BEGIN ATOMIC` bodies. */
  readonly bodies: Token[];
}

/** Returns the statements of a text, as {@link pieces} does. */
export function split(text: string, file: string): readonly Statement[] {
  return [...pieces(text, file)].filter((piece) => "tokens" in piece);
}

/**
 * Yields the statements and the comments of a text. A comment inside a statement
 * comes before that statement.
 *
 * @param text with `\n` as its only line end
 * @param file its name, for errors
 * @throws {MigrationError} with exit code 4 if a part has no end, or if only
 * psql could run it
 */
export function* pieces(
  text: string,
  file: string,
): Generator<Statement | Comment> {
  let open = nothing();
  let before = 0;
  for (const token of tokens(text, file)) {
    const gap = text.slice(before, token.start);
    const alone = before === 0 || gap.includes("\n");
    before = token.end;
    if (token.kind === "comment") {
      yield {
        comment: token.value,
        line: token.line,
        alone,
        within: open.tokens[0]?.line,
      };
    } else if (token.kind === "meta") {
      throw fileError(
        { file, line: token.line },
        `${token.value} is a psql command; a migration may contain only SQL`,
      );
    } else if (endsHere(token, open)) {
      yield* ended(open, text, file);
      open = nothing();
    } else {
      track(token, open, file);
    }
  }
  const unclosed = open.parentheses[0] ?? open.bodies[0];
  if (unclosed !== undefined) {
    throw fileError(
      { file, line: unclosed.line },
      unclosed.value === "("
        ? "this ( is never closed"
        : "this BEGIN ATOMIC has no END",
    );
  }
  yield* ended(open, text, file);
}

function nothing(): Open {
  return { tokens: [], parentheses: [], bodies: [] };
}

function endsHere({ kind, value }: Token, open: Open): boolean {
  return kind === "operator" && value === ";" &&
    open.parentheses.length === 0 && open.bodies.length === 0;
}

function track(token: Token, open: Open, file: string): void {
  const before = open.tokens.at(-1);
  open.tokens.push(token);
  if (token.kind === "operator") {
    if (token.value === "(") open.parentheses.push(token);
    if (token.value === ")" && open.parentheses.pop() === undefined) {
      throw fileError({ file, line: token.line }, "this ) closes nothing");
    }
  }
  if (token.kind !== "word" || open.parentheses.length > 0) return;
  if (token.value === "atomic" && isWord(before, "begin") && isRoutine(open)) {
    open.bodies.push(before);
  }
  // Each statement of a body ends with `;`, so a CASE cannot end at this position.
  if (
    token.value === "end" && (before?.value === ";" || isWord(before, "atomic"))
  ) {
    open.bodies.pop();
  }
}

function isWord(token: Token | undefined, word: string): token is Token {
  return token?.kind === "word" && token.value === word;
}

function isRoutine({ tokens }: Open): boolean {
  return isWord(tokens[0], "create") &&
    tokens.slice(1, 4).some((token) =>
      isWord(token, "function") || isWord(token, "procedure")
    );
}

function* ended(
  { tokens }: Open,
  text: string,
  file: string,
): Generator<Statement> {
  const [first] = tokens;
  const last = tokens.at(-1);
  if (first === undefined || last === undefined) return;
  refuseCopy(tokens, file);
  yield {
    text: text.slice(first.start, last.end),
    line: first.line,
    tokens,
  };
}

/** Rows may follow COPY in the file, which are not SQL: report it before they are read. */
function refuseCopy(tokens: readonly Token[], file: string): void {
  const [first] = tokens;
  if (!isWord(first, "copy")) return;
  const at = tokens.findIndex((token, index) =>
    (isWord(token, "stdin") && isWord(tokens[index - 1], "from")) ||
    (isWord(token, "stdout") && isWord(tokens[index - 1], "to"))
  );
  const stream = tokens[at];
  if (stream === undefined) return;
  throw fileError(
    { file, line: first.line },
    stream.value === "stdin"
      ? "COPY … FROM STDIN needs a client that sends rows; write INSERT instead"
      : "COPY … TO STDOUT needs a client that receives rows, which a migration does not have",
  );
}
