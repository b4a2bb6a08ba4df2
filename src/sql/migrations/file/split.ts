import { fileError } from "../../../migrations/file/file_error.ts";
import { type Token, tokens } from "./tokens.ts";

/** One statement of a text. */
export interface Statement {
  /** As it is sent, without the `;`. */
  readonly text: string;
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** Its tokens without comments. */
  readonly tokens: readonly Token[];
}

/** One comment of a text. */
export interface Comment {
  /** With the signs that make it one. */
  readonly comment: string;
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** Whether nothing but white space is before it on its line. */
  readonly alone: boolean;
  /** The line on which the statement begins in which it stands; undefined between statements. */
  readonly within: number | undefined;
}

/** How far a statement has come. */
interface Open {
  readonly tokens: Token[];
  /** The parentheses that are open. */
  readonly parentheses: Token[];
  /** The `BEGIN ATOMIC` of bodies that are open. */
  readonly bodies: Token[];
}

/** The statements of a text, one by one; see {@link pieces}. */
export function split(text: string, file: string): readonly Statement[] {
  return [...pieces(text, file)].filter((piece) => "tokens" in piece);
}

/**
 * The statements of a text and its comments. A comment in a statement comes
 * before it.
 *
 * @param text with `\n` as its only line ends
 * @param file its name, for errors
 * @throws {MigrationError} with exit code 4 where something has no end, and
 * where only psql could run it
 */
export function* pieces(
  text: string,
  file: string,
): Generator<Statement | Comment> {
  let open = nothing();
  for (const token of tokens(text, file)) {
    if (token.kind === "comment") {
      yield commentOf(token, text, open);
    } else if (token.kind === "meta") {
      throw fileError(
        { file, line: token.line },
        `${token.value} is a command of psql's; a migration holds SQL alone`,
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
        ? "the ( here is never closed"
        : "the BEGIN ATOMIC here has no END",
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
      throw fileError({ file, line: token.line }, "the ) here closes nothing");
    }
  }
  if (token.kind !== "word" || open.parentheses.length > 0) return;
  if (token.value === "atomic" && isWord(before, "begin") && isRoutine(open)) {
    open.bodies.push(before);
  }
  // A body's statements all end with `;`, so that no CASE can end there.
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

function commentOf(token: Token, text: string, open: Open): Comment {
  const lineStart = text.lastIndexOf("\n", token.start - 1) + 1;
  return {
    comment: token.value,
    line: token.line,
    alone: token.start === 0 ||
      text.slice(lineStart, token.start).trim() === "",
    within: open.tokens[0]?.line,
  };
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

/** The rows after it are no SQL, so that it is told before they are read. */
function refuseCopy(tokens: readonly Token[], file: string): void {
  const [first] = tokens;
  if (!isWord(first, "copy")) return;
  const at = tokens.findIndex((token, place) =>
    (isWord(token, "stdin") && isWord(tokens[place - 1], "from")) ||
    (isWord(token, "stdout") && isWord(tokens[place - 1], "to"))
  );
  const stream = tokens[at];
  if (stream === undefined) return;
  throw fileError(
    { file, line: first.line },
    `COPY … ${
      stream.value === "stdin" ? "FROM STDIN" : "TO STDOUT"
    } needs a client that ${
      stream.value === "stdin" ? "sends" : "takes"
    } rows; ${
      stream.value === "stdin" ? "write INSERT" : "a migration has none"
    }`,
  );
}
