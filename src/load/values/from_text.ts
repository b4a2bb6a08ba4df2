import { decimalProblem } from "../../base/decimal_problem.ts";
import { jsonProblem, parseExactJson } from "../../files/read/exact_json.ts";
import { exactDate, INFINITE_TIME } from "../../model/exact_date.ts";
import type { FieldType } from "../../model/field.ts";
import { BASE64 } from "../../query/read/cursor_value.ts";

/** Reports why a text is not a value of a field. The result of the conversion is then ignored. */
export type Refuse = (reason: string) => undefined;

/** Returns the value of a text that is not empty. */
export type FromText = (text: string, refuse: Refuse) => unknown;

const [PLUS, MINUS, POINT, ZERO, NINE, E, SMALL_E] = [
  43,
  45,
  46,
  48,
  57,
  69,
  101,
] as const;
const INTEGER = /^\s*([+-]?\d+)(\.0*)?\s*$/;
const DECIMAL = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?\s*$/i;
const NOT_FINITE = /^\s*([+-]?)(?:(nan)|inf(?:inity)?)\s*$/i;
const TRUE = /^\s*(?:t|true|1)\s*$/i;
const FALSE = /^\s*(?:f|false|0)\s*$/i;
const DATE =
  /^\s*([+-]\d{6}|\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d(?::?\d\d)?)?)?\s*$/i;
const TIME = /^([\d:]+)(?:\.(\d+))?$/;
const INFINITE_DATE = /^\s*([+-]?)infinity\s*$/i;
const HEX = /^\\x((?:[0-9a-f]{2})*)$/i;

/** Returns the function that converts the texts of a type; an array is converted item by item instead. */
export function fromText(
  type: Exclude<FieldType, { readonly kind: "array" }>,
): FromText {
  switch (type.kind) {
    case "int16":
    case "int32":
      return toInt32;
    case "int64":
      return toInt64;
    case "float32":
    case "float64":
      return toFloat;
    case "boolean":
      return toBoolean;
    case "date":
      return toDate;
    case "bytes":
      return toBytes;
    case "json":
      return toJson;
    case "uuid":
      return (text) => text.trim();
    case "string":
    case "enum":
      return (text) => text;
  }
}

/** Returns the number of a text; undefined if it is not a whole number. */
export function toInt32(text: string, refuse: Refuse): number | undefined {
  const value = fewDigits(text);
  if (value !== undefined) return value;
  return INTEGER.test(text)
    ? Number(text)
    : refuse(`must be a whole number, got ${quoted(text)}`);
}

/** Returns the integer of a text; undefined if it is not a whole number. */
export function toInt64(text: string, refuse: Refuse): bigint | undefined {
  const small = fewDigits(text);
  if (small !== undefined) return BigInt(small);
  const [, digits, decimals] = INTEGER.exec(text) ?? [];
  if (digits === undefined) {
    return refuse(`must be a whole number, got ${quoted(text)}`);
  }
  const short = digits.replace(/^\+|(?<=^[+-]?)0+(?=\d)/g, "");
  if (short.length > MAX_DIGITS) {
    return refuse(`is outside the range of int64, got ${quoted(text)}`);
  }
  const value = BigInt(short);
  return decimals === undefined || Number.isSafeInteger(Number(value))
    ? value
    : refuse(
      `must be a whole number, got ${
        quoted(text)
      }, which was a float and may have lost digits`,
    );
}

/** More digits than an int64 has: to convert millions of them takes seconds. */
const MAX_DIGITS = 40;
/** The most digits of an integer that a float64 always holds. */
const EXACT_DIGITS = 15;

/** Returns the integer of a text of a few digits, without the time of a regular expression; undefined for any other text. */
function fewDigits(text: string): number | undefined {
  const { length } = text;
  const start = text.charCodeAt(0) === MINUS ? 1 : 0;
  if (length === start || length > EXACT_DIGITS) return undefined;
  let value = 0;
  for (let at = start; at < length; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    value = value * 10 + digit;
  }
  return start === 0 ? value : -value;
}

/** Whether a text is a number in decimal if `Number` accepts it: not empty, and no prefix of another base, as in 0x1f. */
function isDecimal(text: string): boolean {
  const first = text.charCodeAt(0);
  const second = text.charCodeAt(1);
  const isNumber = first >= ZERO && first <= NINE || first === MINUS ||
    first === PLUS || first === POINT;
  return isNumber && (!(second > NINE) || second === E || second === SMALL_E);
}

/** Returns the number of a text; undefined if it is not a number. */
export function toFloat(text: string, refuse: Refuse): number | undefined {
  const number = Number(text);
  if (number - number === 0 && number !== 0 && isDecimal(text)) return number;
  if (DECIMAL.test(text)) {
    const problem = decimalProblem(text);
    return problem === undefined
      ? number
      : refuse(`${problem}, got ${quoted(text)}`);
  }
  const special = NOT_FINITE.exec(text);
  if (special !== null) {
    const [, sign, nan] = special;
    if (nan !== undefined) return NaN;
    return sign === "-" ? -Infinity : Infinity;
  }
  return refuse(
    /^\s*[+-]?\d+,\d+\s*$/.test(text)
      ? `must be a number with a decimal point, got ${quoted(text)}`
      : `must be a number, got ${quoted(text)}`,
  );
}

function toBoolean(text: string, refuse: Refuse): unknown {
  if (text === "true" || text === "t") return true;
  if (text === "false" || text === "f") return false;
  if (TRUE.test(text)) return true;
  return FALSE.test(text)
    ? false
    : refuse(`must be true, false, t, f, 1 or 0, got ${quoted(text)}`);
}

function toDate(text: string, refuse: Refuse): unknown {
  const infinite = INFINITE_DATE.exec(text);
  if (infinite !== null) {
    return new Date(infinite[1] === "-" ? -INFINITE_TIME : INFINITE_TIME);
  }
  const parts = DATE.exec(text);
  if (parts === null) {
    return refuse(
      `must be a date like 2018-06-01T04:07:22.125Z, got ${quoted(text)}`,
    );
  }
  const [, year, month, day = "", time = "", zone = "Z"] = parts;
  const [, clock = "00:00", fraction = ""] = TIME.exec(time) ?? [];
  if (/[^0]/.test(fraction.slice(6))) {
    return refuse(`has digits below the microsecond: ${quoted(text)}`);
  }
  const utc = Date.parse(
    `${year}-${month}-${day}T${clock.length === 5 ? `${clock}:00` : clock}.${
      fraction.slice(0, 3).padEnd(3, "0")
    }Z`,
  );
  // Date.parse() takes February 30 as March 2.
  if (Number.isNaN(utc) || new Date(utc).getUTCDate() !== Number(day)) {
    return refuse(`is not a valid date: ${quoted(text)}`);
  }
  const milliseconds = utc - minutesOf(zone) * 60_000;
  const microseconds = Number(fraction.slice(3, 6).padEnd(3, "0"));
  return microseconds === 0
    ? new Date(milliseconds)
    : exactDate(milliseconds, microseconds);
}

/** Minutes of a time zone east of UTC. */
function minutesOf(zone: string): number {
  const [, sign, hours, minutes = 0] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ??
    [];
  const east = Number(hours ?? 0) * 60 + Number(minutes);
  return sign === "-" ? -east : east;
}

function toBytes(text: string, refuse: Refuse): unknown {
  const [, hex] = HEX.exec(text) ?? [];
  if (hex !== undefined) return Uint8Array.fromHex(hex);
  return BASE64.test(text)
    ? Uint8Array.fromBase64(text)
    : refuse(String.raw`must be base64, or hexadecimal after \x`);
}

/** Parses a text as JSON. */
export function toJson(text: string, refuse: Refuse): unknown {
  try {
    return parseExactJson(text);
  } catch (error) {
    return refuse(jsonProblem(error));
  }
}

function quoted(text: string): string {
  const most = 40;
  return JSON.stringify(
    text.length > most ? `${text.slice(0, most)}…` : text,
  );
}
