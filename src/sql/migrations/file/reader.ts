import { type Token, tokens } from "./tokens.ts";

/** A statement that is read token by token, without comments. */
export interface Reader {
  /** All of it. */
  readonly tokens: readonly Token[];
  /** The place of the token that is next. */
  at: number;
}

/** A name as the server knows it. */
export interface Name {
  /** Undefined where the statement leaves it to `search_path`. */
  readonly schema: string | undefined;
  /** The name itself. */
  readonly name: string;
}

/** Reads a statement from its beginning. */
export function readerOf(statement: string): Reader {
  return {
    tokens: [...tokens(statement, "statement")].filter(({ kind }) =>
      kind !== "comment"
    ),
    at: 0,
  };
}

/** Whether these words and signs are next. */
export function sees(reader: Reader, ...values: readonly string[]): boolean {
  return values.every((value, place) => {
    const token = reader.tokens[reader.at + place];
    return token !== undefined && isPlain(token) && token.value === value;
  });
}

/** Passes over these words and signs, where all of them are next. */
export function takes(reader: Reader, ...values: readonly string[]): boolean {
  const found = sees(reader, ...values);
  if (found) reader.at += values.length;
  return found;
}

/** Passes over the first of these that is next, and says which. */
export function takesOne(
  reader: Reader,
  values: readonly string[],
): string | undefined {
  return values.find((value) => takes(reader, value));
}

/** Passes over one part of a name: `"a b"`, `object`. */
export function identifier(reader: Reader): string | undefined {
  const token = reader.tokens[reader.at];
  const name = token && identifierOf(token);
  if (name !== undefined) reader.at++;
  return name;
}

/** Passes over a name with or without its schema. */
export function name(reader: Reader): Name | undefined {
  const first = identifier(reader);
  if (first === undefined) return undefined;
  const parts = [first];
  while (takes(reader, ".")) {
    const part = identifier(reader);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return { schema: parts.at(-2), name: parts.at(-1) ?? first };
}

/** Passes over what stands in parentheses, where one is next; its tokens without them. */
export function group(reader: Reader): readonly Token[] {
  if (!sees(reader, "(")) return [];
  const start = reader.at + 1;
  reader.at = start + until(reader.tokens.slice(start), ")").length + 1;
  return reader.tokens.slice(start, reader.at - 1);
}

/** What is left. */
export function rest(reader: Reader): readonly Token[] {
  return reader.tokens.slice(reader.at);
}

/** Parts between commas that are in no parentheses. */
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

/** Whether words stand one after the other, at whatever depth of parentheses. */
export function hasWords(
  list: readonly Token[],
  ...words: readonly string[]
): boolean {
  return list.some((_, at) => sees({ tokens: list, at }, ...words));
}

/** Those of a list that are in no parentheses. */
export function outermost(list: readonly Token[]): readonly Token[] {
  let depth = 0;
  return list.filter((token) => {
    const before = depth;
    depth += depthOf(token);
    return before === 0 && depth === 0;
  });
}

/** The name that a token is, as the server folds it. */
export function identifierOf({ kind, value }: Token): string | undefined {
  if (kind === "word") return value;
  if (kind !== "quoted") return undefined;
  const inner = value.replace(/^U&/i, "").slice(1, -1).replaceAll('""', '"');
  return value.startsWith('"') ? inner : unescaped(inner);
}

/** `U&"d\0061ta"`, with the escape that it has where no other is said. */
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

/** Whether a token is this sign. */
export function isSign(token: Token, sign: string): boolean {
  return token.kind === "operator" && token.value === sign;
}

function until(list: readonly Token[], sign: string): readonly Token[] {
  let depth = 0;
  const end = list.findIndex((token) => {
    if (depth === 0 && isSign(token, sign)) return true;
    depth += depthOf(token);
    return false;
  });
  return end < 0 ? list : list.slice(0, end);
}

function depthOf(token: Token): number {
  if (isSign(token, "(")) return 1;
  return isSign(token, ")") ? -1 : 0;
}

function isPlain({ kind }: Token): boolean {
  return kind === "word" || kind === "operator";
}
