/** Integers that may be beyond 2^53. */
const LONG_INTEGER = /(?<![\d.])\d{16,}(?![\d.eE])/g;
/** The most digits of an integer that is read exactly. */
const MAX_DIGITS = 20;
/** A key that no text has, in place of which it has the integer. */
const MARK = "\0";

/**
 * Parses JSON. Integers beyond 2^53 are read as bigints.
 *
 * @throws {SyntaxError} if the text is not JSON
 * @throws {RangeError} if its values are nested too deep
 */
export function parseExactJson(text: string): unknown {
  const marked = withMarks(text);
  return marked === undefined
    ? JSON.parse(text, exactIntegers)
    : withIntegers(JSON.parse(marked));
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
    // A number has one of these before it; other digits are within a string.
    if (!/[:,[\s]/.test(text[start - 1] ?? " ")) continue;
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
  return typeof value === "number" && Number.isInteger(value) &&
      !Number.isSafeInteger(value) && /^-?\d{1,20}$/.test(context?.source ?? "")
    ? BigInt(context?.source ?? 0)
    : value;
}
