import { fileError } from "../../../migrations/file/file_error.ts";

/** What a token is, as PostgreSQL's own scanner tells them apart. */
export type TokenKind =
  | "word"
  | "quoted"
  | "string"
  | "number"
  | "parameter"
  | "operator"
  | "comment"
  /** A command of psql's, which no server knows: `\i`. */
  | "meta";

/** One token of SQL. */
export interface Token {
  /** What it is. */
  readonly kind: TokenKind;
  /** It, in one way of writing: words in lower case, a string that goes on after a line break in one piece. */
  readonly value: string;
  /** Where it begins in the text. */
  readonly start: number;
  /** Where it has ended. */
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
const QUOTED = /(?:U&)?"[^"]*(?:""[^"]*)*"/iy;
const META = /\\\S*/y;
const PUNCTUATION = /::|\.\.|:=|[-+~!@#^&|`?*/%<>=]+|[^]/y;

/** Where a string begins, and how it goes on to its last quote. */
const STRINGS: readonly (readonly [RegExp, RegExp])[] = [
  [/e(?=')/iy, /'[^'\\]*(?:(?:\\[^]|'')[^'\\]*)*'/y],
  [/[bx](?=')/iy, /'[^']*'/y],
  [/(?:U&)?(?=')/iy, /'[^']*(?:''[^']*)*'/y],
];

/** A scanner's place. */
interface Scan {
  readonly text: string;
  readonly file: string;
  at: number;
  line: number;
}

/**
 * The tokens of a text, comments too, by the rules of PostgreSQL's scanner with
 * `standard_conforming_strings` on. They are made as they are asked for.
 *
 * @param file its name, for errors
 * @throws {MigrationError} with exit code 4 where a string, comment or quoted
 * name has no end
 */
export function* tokens(text: string, file: string): Generator<Token> {
  const scan: Scan = { text, file, at: 0, line: 1 };
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
  // The server folds letters of ASCII and no others.
  if (word !== undefined) return ["word", lowerAscii(word)];
  const number = take(NUMBER, scan);
  if (number !== undefined) return ["number", number.toLowerCase()];
  const parameter = take(PARAMETER, scan);
  if (parameter !== undefined) return ["parameter", parameter];
  const meta = take(META, scan);
  if (meta !== undefined) return ["meta", meta];
  const operator = operatorIn(match(PUNCTUATION, scan) ?? "");
  advance(scan, operator.length);
  return ["operator", operator];
}

function blockComment(scan: Scan): string {
  const { text, at: start } = scan;
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  do {
    const found = mark.exec(text);
    if (found === null) throw endless("the comment /*", scan);
    depth += found[0] === "/*" ? 1 : -1;
  } while (depth > 0);
  advance(scan, mark.lastIndex - start);
  return text.slice(start, scan.at);
}

function quotedString(scan: Scan): string | undefined {
  for (const [prefix, body] of STRINGS) {
    const before = match(prefix, scan);
    if (before === undefined) continue;
    const begin = { ...scan };
    advance(scan, before.length);
    let value = before.toLowerCase();
    let inner = "";
    do {
      const part = take(body, scan);
      if (part === undefined) throw endless("the string '", begin);
      inner += part.slice(1, -1);
    } while (goesOn(scan));
    value += `'${inner}'`;
    return value;
  }
  return undefined;
}

/** A string goes on at a quote after white space with a line break in it; the scan is then there. */
function goesOn(scan: Scan): boolean {
  const ahead = { ...scan };
  while (take(SPACE, ahead) ?? take(LINE_COMMENT, ahead)) {
    // All of it is passed over.
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
  if (end < 0) throw endless(`the string ${mark}`, scan);
  advance(scan, end + mark.length - start);
  return scan.text.slice(start, scan.at);
}

function quotedName(scan: Scan): string | undefined {
  const name = take(QUOTED, scan);
  if (name === undefined && scan.text[scan.at] === '"') {
    throw endless('the name "', scan);
  }
  return name;
}

/** An operator ends before a comment, and before a sign that is another's: `<-1` is `<` and `-1`. */
function operatorIn(signs: string): string {
  const comment = signs.search(/.(?:--|\/\*)/);
  const own = comment < 0 ? signs : signs.slice(0, comment + 1);
  return /[~!@#^&|`?%].*[-+]$/.test(own)
    ? own
    : own.replace(/(?<=.)[-+]+$/, "");
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

function endless(what: string, { file, line }: Scan): Error {
  return fileError({ file, line }, `${what} that begins here has no end`);
}

function lowerAscii(word: string): string {
  return word.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
