import { type Token, tokens } from "./tokens.ts";

/** Reads a statement token by token, without comments. */
export interface Reader {
  /** All tokens. */
  readonly tokens: readonly Token[];
  /** The index of the next token. */
  at: number;
}

/** A name of a database object. */
export interface Name {
  /** Undefined if the statement leaves it to `search_path`. */
  readonly schema: string | undefined;
  /** The name without its schema. */
  readonly name: string;
}

/** Returns a reader at the beginning of a statement. */
export function readerOf(statement: string): Reader {
  return {
    tokens: [...tokens(statement, "statement")].filter(({ kind }) =>
      kind !== "comment"
    ),
    at: 0,
  };
}

/** Returns whether the next tokens are these words and signs. */
export function isNext(reader: Reader, ...values: readonly string[]): boolean {
  return values.every((value, index) => {
    const token = reader.tokens[reader.at + index];
    return token !== undefined && isPlain(token) && token.value === value;
  });
}

/** Skips these words and signs if they are all next. Returns whether they were. */
export function skip(reader: Reader, ...values: readonly string[]): boolean {
  const found = isNext(reader, ...values);
  if (found) reader.at += values.length;
  return found;
}

/** Skips the first of these words that is next, and returns it. */
export function skipOneOf(
  reader: Reader,
  values: readonly string[],
): string | undefined {
  return values.find((value) => skip(reader, value));
}

/** Skips and returns one part of a name: `"a b"`, `object`. */
export function identifier(reader: Reader): string | undefined {
  const token = reader.tokens[reader.at];
  const name = token && identifierOf(token);
  if (name !== undefined) reader.at++;
  return name;
}

/** The most parts of a name: catalog, schema, table, and column. */
const MAX_PARTS = 4;

/** Skips and returns a name with or without its schema. */
export function name(reader: Reader): Name | undefined {
  const first = identifier(reader);
  if (first === undefined) return undefined;
  const parts = [first];
  while (skip(reader, ".")) {
    const part = identifier(reader);
    if (part === undefined || parts.length === MAX_PARTS) return undefined;
    parts.push(part);
  }
  return { schema: parts.at(-2), name: parts.at(-1) ?? first };
}

/** Skips a group in parentheses, if one is next, and returns its tokens. */
export function group(reader: Reader): readonly Token[] {
  if (!isNext(reader, "(")) return [];
  const start = reader.at + 1;
  const end = closing(reader.tokens, start);
  reader.at = end + 1;
  return reader.tokens.slice(start, end);
}

/** Returns the remaining tokens. */
export function rest(reader: Reader): readonly Token[] {
  return reader.tokens.slice(reader.at);
}

/** Splits tokens at commas outside of parentheses. */
export function commaParts(
  list: readonly Token[],
): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of list) {
    depth += depthOf(token);
    if (depth === 0 && isSign(token, ",")) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** Returns whether these words follow each other, inside or outside of parentheses. */
export function hasWords(
  list: readonly Token[],
  ...words: readonly string[]
): boolean {
  return list.some((_, at) => isNext({ tokens: list, at }, ...words));
}

/** Returns the tokens outside of parentheses. */
export function outermost(list: readonly Token[]): readonly Token[] {
  let depth = 0;
  return list.filter((token) => {
    const before = depth;
    depth += depthOf(token);
    return before === 0 && depth === 0;
  });
}

/** Returns the name that a token is, as the server folds it; undefined if it is none. */
export function identifierOf({ kind, value }: Token): string | undefined {
  if (kind === "word") return value;
  if (kind !== "quoted") return undefined;
  const inner = value.replace(/^U&/i, "").slice(1, -1).replaceAll('""', '"');
  return value.startsWith('"') ? inner : unescaped(inner);
}

/** Decodes `U&"d\0061ta"` with the default escape character. */
function unescaped(name: string): string {
  return name.replaceAll(
    /\\(?:\+([\da-f]{6})|([\da-f]{4})|\\)/gi,
    (sign, six: string | undefined, four: string | undefined) =>
      six === undefined && four === undefined
        ? sign.slice(1)
        : String.fromCodePoint(
          Math.min(Number.parseInt(six ?? four ?? "0", 16), 0x10ffff),
        ),
  );
}

/** Returns whether a token is this sign. */
export function isSign(token: Token, sign: string): boolean {
  return token.kind === "operator" && token.value === sign;
}

/** Returns the index of the parenthesis that closes a group. */
function closing(list: readonly Token[], start: number): number {
  let depth = 0;
  for (let at = start; at < list.length; at++) {
    const token = list[at];
    if (token === undefined) continue;
    if (depth === 0 && isSign(token, ")")) return at;
    depth += depthOf(token);
  }
  return list.length;
}

function depthOf(token: Token): number {
  if (isSign(token, "(")) return 1;
  return isSign(token, ")") ? -1 : 0;
}

function isPlain({ kind }: Token): boolean {
  return kind === "word" || kind === "operator";
}
