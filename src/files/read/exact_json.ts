import { decimalProblem } from "../../base/decimal_problem.ts";
import { messageOf } from "../../base/errors/mod.ts";
import { jsonStringEnd } from "../../base/json_string_end.ts";

/** Integers that may be beyond 2^53. */
const LONG_INTEGER = /(?<![\d.])\d{16,}(?![\d.eE])/g;
/** The most digits of an integer that is read exactly. */
const MAX_DIGITS = 20;
/** A key that no text has, in place of which it has the integer. */
const MARK = "\0";

/** An exponent of a number that may be too great or too small for a float64. */
const EXPONENT = /[eE][+-]?\d{3}/g;
/** The zeros of a number that may be too small without an exponent. */
const ZEROS = "0".repeat(300);
/** The beginning of a string, or a number. */
const TOKEN = /"|-?\d[\d.eE+-]*/g;

/** A number that no float64 is near to. */
class ExtremeNumberError extends Error {}

/**
 * Parses JSON. Integers beyond 2^53 are read as bigints.
 *
 * @throws {Error} if the text is not JSON, or a number is too great or too small
 * for a float64: {@link jsonProblem} says which
 * @throws {RangeError} if its values are nested too deep
 */
export function parseExactJson(text: string): unknown {
  if (mayBeExtreme(text)) assertFloats(text);
  const marked = withMarks(text);
  return marked === undefined
    ? JSON.parse(text, exactIntegers)
    : withIntegers(JSON.parse(marked));
}

/** Returns what is wrong with a text that {@link parseExactJson} does not parse, as the end of a sentence about it. */
export function jsonProblem(error: unknown): string {
  return extremeNumber(error) ?? `is not JSON: ${messageOf(error)}`;
}

/** The same for a number that no float64 is near to; undefined for any other error. */
export function extremeNumber(error: unknown): string | undefined {
  return error instanceof ExtremeNumberError ? error.message : undefined;
}

/** Whether a text may contain a number that no float64 is near to. Long integers are checked when they are read. */
function mayBeExtreme(text: string): boolean {
  EXPONENT.lastIndex = 0;
  for (let found = EXPONENT.exec(text); found; found = EXPONENT.exec(text)) {
    let start = found.index;
    while (isDigitOrPoint(text.charCodeAt(start - 1))) start--;
    if (start === found.index) continue;
    if (text[start - 1] === "-") start--;
    if (canPrecede(text[start - 1])) return true;
  }
  return text.includes(ZEROS);
}

function isDigitOrPoint(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 46;
}

/** Whether a number may follow a character; other digits are within a string. */
function canPrecede(character: string | undefined): boolean {
  return /[:,[\s]/.test(character ?? " ");
}

/** Checks that each number has a nearest float64: `JSON.parse` returns 0 for 1e-400, and infinity for 1e400. */
function assertFloats(text: string): void {
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(text); found; found = TOKEN.exec(text)) {
    const [token] = found;
    if (token === '"') {
      TOKEN.lastIndex = jsonStringEnd(text, TOKEN.lastIndex);
      continue;
    }
    const problem = decimalProblem(token);
    // Without a number, the text is not JSON, which the parser says.
    if (problem === undefined || Number.isNaN(Number(token))) continue;
    throw extremeError(token, problem);
  }
}

function extremeError(token: string, problem: string): ExtremeNumberError {
  const shown = token.length > 40 ? `${token.slice(0, 40)}…` : token;
  return new ExtremeNumberError(
    `contains the number ${shown}, which ${problem}`,
  );
}

/**
 * Returns the text with `{"\u0000":"123"}` in place of its long integers; a
 * reviver, which visits every value, takes several times as long. Undefined if a
 * long integer may be something other than a member of an object.
 */
function withMarks(text: string): string | undefined {
  if (text.includes("\\u0000")) return undefined;
  let [marked, end] = ["", 0];
  for (const { 0: digits, index } of text.matchAll(LONG_INTEGER)) {
    const start = text[index - 1] === "-" ? index - 1 : index;
    const after = index + digits.length;
    if (!canPrecede(text[start - 1])) continue;
    if (
      digits.length > MAX_DIGITS || !followsKey(text, start) ||
      !/[\s,}]/.test(text[after] ?? "")
    ) return undefined;
    marked += `${text.slice(end, start)}{"\\u0000":"${
      text.slice(start, after)
    }"}`;
    end = after;
  }
  return marked + text.slice(end);
}

/** Whether a position is the value of a key: a quote behind a letter or digit does not begin a string. */
function followsKey(text: string, position: number): boolean {
  let at = position - 1;
  while (text[at] === " ") at--;
  return text[at] === ":" && text[at - 1] === '"' &&
    /\w/.test(text[at - 2] ?? "");
}

/** Replaces the marks in a value with integers. */
function withIntegers(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    for (const item of value) withIntegers(item);
    return value;
  }
  if (MARK in value) return exactInteger(String(value[MARK]));
  for (const key in value) {
    const part: unknown = Reflect.get(value, key);
    if (typeof part !== "object" || part === null) continue;
    const exact = withIntegers(part);
    if (exact !== part) Reflect.set(value, key, exact);
  }
  return value;
}

function exactInteger(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** A reviver of `JSON.parse` that returns integers beyond 2^53 as bigints. */
function exactIntegers(
  _key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (value === Infinity || value === -Infinity) {
    throw extremeError(context?.source ?? "", "is beyond the greatest float64");
  }
  return typeof value === "number" && Number.isInteger(value) &&
      !Number.isSafeInteger(value) && /^-?\d{1,20}$/.test(context?.source ?? "")
    ? BigInt(context?.source ?? 0)
    : value;
}
