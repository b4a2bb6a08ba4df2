import { fileError } from "../../../migrations/file/position.ts";

/** Kinds of tokens, as PostgreSQL's scanner distinguishes them. */
type TokenKind =
  | "word"
  | "quoted"
  | "string"
  | "number"
  | "parameter"
  | "operator"
  | "comment"
  /** A psql command, which no server knows: `\i`. */
  | "meta";

/** A token of SQL. */
export interface Token {
  readonly kind: TokenKind;
  /** The token in its normal form: words in lower case, a continued string in one piece. */
  readonly value: string;
  /** Its first position in the text. */
  readonly start: number;
  /** The position after it. */
  readonly end: number;
  /** The line on which it begins, from 1. */
  readonly line: number;
}

const SPACE = /[ \t\n\r\f\v]+/y;
const LINE_COMMENT = /--[^\n\r]*/y;
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER =
  /0x(?:_?[\da-f])+|0o(?:_?[0-7])+|0b(?:_?[01])+|(?:\d(?:_?\d)*(?:\.(?!\.)(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:e[-+]?\d(?:_?\d)*)?/iy;
const PARAMETER = /\$\d+/y;
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const QUOTED = /(?:U&)?(?=")/iy;
const META = /\\\S*/y;
const PUNCTUATION = /::|\.\.|:=|[^]/y;
/** The signs of operators. */
const SIGN = /[-+~!@#^&|`?*/%<>=]/;
/** The signs of operators that are not in standard SQL: only an operator with one of them may end with + or -. */
const SPECIAL = /[~!@#^&|`?%]/;

/** The prefixes of strings, each with what a string can contain that is its end or looks like it. */
const STRINGS: readonly (readonly [RegExp, RegExp])[] = [
  [/e(?=')/iy, /\\[^]|''?/g],
  [/[bx](?=')/iy, /'/g],
  [/(?:U&)?(?=')/iy, /''?/g],
];
/** The same for quoted names. */
const NAME_END = /""?/g;

/** A run of signs of operators, up to a comment. */
interface Run {
  readonly end: number;
  /** The last position of a special sign; -1 if there is none. */
  readonly special: number;
  /** The last position of a sign other than + and -; -1 if there is none. */
  readonly other: number;
}

/** The state of a scanner. */
interface Scan {
  readonly text: string;
  readonly file: string;
  at: number;
  line: number;
  /** The run of signs at this position, if one was found. */
  run: Run | undefined;
}

/**
 * Yields the tokens of a text, comments included, by the rules of PostgreSQL's
 * scanner with `standard_conforming_strings` on.
 *
 * @param file its name, for errors
 * @throws {MigrationError} with exit code 4 if a string, comment or quoted name
 * has no end
 */
export function* tokens(text: string, file: string): Generator<Token> {
  const scan: Scan = { text, file, at: 0, line: 1, run: undefined };
  while (true) {
    advance(scan, match(SPACE, scan)?.length ?? 0);
    if (scan.at >= text.length) return;
    const { at: start, line } = scan;
    const [kind, value] = next(scan);
    yield { kind, value, start, end: scan.at, line };
  }
}

function next(scan: Scan): readonly [TokenKind, string] {
  const { text, at } = scan;
  if (text.startsWith("/*", at)) return ["comment", blockComment(scan)];
  const comment = take(LINE_COMMENT, scan);
  if (comment !== undefined) return ["comment", comment];
  const string = quotedString(scan) ?? dollarString(scan);
  if (string !== undefined) return ["string", string];
  const quoted = quotedName(scan);
  if (quoted !== undefined) return ["quoted", quoted];
  const word = take(WORD, scan);
  // The server folds only ASCII letters.
  if (word !== undefined) return ["word", lowerAscii(word)];
  const number = take(NUMBER, scan);
  if (number !== undefined) return ["number", number.toLowerCase()];
  const parameter = take(PARAMETER, scan);
  if (parameter !== undefined) return ["parameter", parameter];
  const meta = take(META, scan);
  if (meta !== undefined) return ["meta", meta];
  return ["operator", operator(scan) ?? take(PUNCTUATION, scan) ?? ""];
}

function blockComment(scan: Scan): string {
  const { text, at: start } = scan;
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  do {
    const found = mark.exec(text);
    if (found === null) throw unterminated("comment /*", scan);
    depth += found[0] === "/*" ? 1 : -1;
  } while (depth > 0);
  advance(scan, mark.lastIndex - start);
  return text.slice(start, scan.at);
}

function quotedString(scan: Scan): string | undefined {
  for (const [prefix, ends] of STRINGS) {
    const before = match(prefix, scan);
    if (before === undefined) continue;
    const begin = { ...scan };
    advance(scan, before.length);
    let inner = "";
    do {
      const part = enclosed("'", ends, scan);
      if (part === undefined) throw unterminated("string '", begin);
      inner += part.slice(1, -1);
    } while (continues(scan));
    return `${before.toLowerCase()}'${inner}'`;
  }
  return undefined;
}

/** Takes a text in quotes; returns undefined if it has no end. One regular expression for the whole text would overflow the stack. */
function enclosed(
  quote: string,
  ends: RegExp,
  scan: Scan,
): string | undefined {
  const { text, at: start } = scan;
  ends.lastIndex = start + 1;
  for (let found = ends.exec(text); found !== null; found = ends.exec(text)) {
    if (found[0] !== quote) continue;
    advance(scan, ends.lastIndex - start);
    return text.slice(start, scan.at);
  }
  return undefined;
}

/** Returns whether a string continues: at a quote after white space with a line break. Then moves the scan there. */
function continues(scan: Scan): boolean {
  const ahead = { ...scan };
  while (take(SPACE, ahead) ?? take(LINE_COMMENT, ahead)) {
    // Skip it.
  }
  if (ahead.line === scan.line || ahead.text[ahead.at] !== "'") return false;
  Object.assign(scan, ahead);
  return true;
}

function dollarString(scan: Scan): string | undefined {
  const mark = match(DOLLAR, scan);
  if (mark === undefined) return undefined;
  const start = scan.at;
  const end = scan.text.indexOf(mark, start + mark.length);
  if (end < 0) throw unterminated(`string ${mark}`, scan);
  advance(scan, end + mark.length - start);
  return scan.text.slice(start, scan.at);
}

function quotedName(scan: Scan): string | undefined {
  const prefix = match(QUOTED, scan);
  if (prefix === undefined) return undefined;
  const begin = { ...scan };
  advance(scan, prefix.length);
  const name = enclosed('"', NAME_END, scan);
  if (name === undefined) throw unterminated('name "', begin);
  return prefix + name;
}

/** Takes an operator. It ends before a comment, and before a sign of another token: `<-1` is `<` and `-1`. */
function operator(scan: Scan): string | undefined {
  const { text, at } = scan;
  if (!SIGN.test(text.charAt(at))) return undefined;
  // The operators of a run share its facts: to read it again for each operator would take quadratic time.
  if (scan.run === undefined || scan.run.end <= at) scan.run = runAt(text, at);
  const { end, special, other } = scan.run;
  advance(scan, special < at ? Math.max(other, at) + 1 - at : end - at);
  return text.slice(at, scan.at);
}

function runAt(text: string, start: number): Run {
  let [end, special, other] = [start, -1, -1];
  for (; end < text.length && SIGN.test(text.charAt(end)); end++) {
    if (
      end > start && (text.startsWith("--", end) || text.startsWith("/*", end))
    ) break;
    if (SPECIAL.test(text.charAt(end))) special = end;
    if (!/[-+]/.test(text.charAt(end))) other = end;
  }
  return { end, special, other };
}

function take(pattern: RegExp, scan: Scan): string | undefined {
  const found = match(pattern, scan);
  if (found !== undefined) advance(scan, found.length);
  return found;
}

function match(pattern: RegExp, { text, at }: Scan): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function advance(scan: Scan, length: number): void {
  const end = scan.at + length;
  for (let at = scan.at; at < end; at++) {
    if (scan.text[at] === "\n") scan.line++;
  }
  scan.at = end;
}

function unterminated(what: string, { file, line }: Scan): Error {
  return fileError({ file, line }, `unterminated ${what}`);
}

function lowerAscii(word: string): string {
  return word.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
