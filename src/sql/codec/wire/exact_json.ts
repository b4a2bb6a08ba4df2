import { jsonStringEnd } from "../../../base/json_string_end.ts";
import { UnreadableValue } from "./value_reader.ts";

/** Returns a value that `JSON.stringify` writes as this text; TypeScript has no type for it. */
const { rawJSON } = JSON as JSON & { rawJSON(text: string): unknown };

/** Text that may contain a number with an exponent, or with more digits than a double always keeps. */
const SUSPECT = /[\d.]{16}|\d[eE]/;
/** The beginning of a string, or a number. */
const TOKEN = /"|-?\d[\d.eE+-]*/g;
/** The greatest power of ten that PostgreSQL's numeric has; `json` accepts greater ones. */
const GREATEST_POWER = 131_072;

/**
 * Parses JSON without a change of its numbers: an integer beyond 2^53 becomes a
 * bigint.
 *
 * @throws {UnreadableValue} if the text is not JSON, or a number has more digits than a double
 */
export function parseJson(text: string): unknown {
  if (!SUSPECT.test(text)) return parse(text);
  let hasBigints = false;
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(text); found; found = TOKEN.exec(text)) {
    const [token] = found;
    if (token === '"') TOKEN.lastIndex = jsonStringEnd(text, TOKEN.lastIndex);
    else if (isBigInteger(token)) hasBigints = true;
    else assertDouble(token);
  }
  return parse(text, hasBigints ? withBigints : undefined);
}

type Reviver = NonNullable<Parameters<typeof JSON.parse>[1]>;

function parse(text: string, reviver?: Reviver): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch (cause) {
    throw new UnreadableValue(
      cause instanceof RangeError
        ? "is JSON that is nested too deep"
        : "is not valid JSON",
      undefined,
      { cause },
    );
  }
}

function withBigints(
  _key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  const source = context?.source;
  return typeof value === "number" && source !== undefined &&
      isBigInteger(source)
    ? BigInt(source)
    : value;
}

/** Whether a number without a decimal point is beyond 2^53. */
function isBigInteger(token: string): boolean {
  return /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token));
}

/** Checks that a double has the digits of a number: printed with as many significant digits, at most 17, it is the number. */
function assertDouble(token: string): void {
  const [, digits = "", power = 0] = scientific(token);
  if (digits === "") return;
  if (digits.length <= 17 && Math.abs(power) <= GREATEST_POWER) {
    const [, shown, shownPower] = scientific(
      Number(token).toExponential(digits.length - 1),
    );
    if (shown === digits && shownPower === power) return;
  }
  const quoted = token.length > 60 ? `${token.slice(0, 60)}…` : token;
  throw new UnreadableValue(
    `contains the number ${quoted}, which a double cannot represent`,
    `To read such numbers, declare the field as z.string() with meta({ sqlType: "jsonb" })`,
  );
}

/** Returns the sign of a number, its digits without leading and trailing zeros, and the power of ten of its first digit. */
function scientific(token: string): readonly [string, string, number] {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const all = (whole + fraction).replace(/^0+/, "");
  const power = Number(exponent) + all.length - fraction.length - 1;
  return [sign, all.replace(/(?<!0)0+$/, ""), power];
}

/**
 * Writes JSON that is parsed to the same value: a bigint as an integer, and a
 * number beyond 2^53 with a decimal point, so that it is not read as a bigint.
 */
export function writeJson(value: unknown): string {
  const text = typeof value === "bigint" ? undefined : plainJson(value);
  return text === undefined || SUSPECT.test(text)
    ? JSON.stringify(value, exactNumber)
    : text;
}

/** Returns undefined if a value contains a bigint. */
function plainJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function exactNumber(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return rawJSON(String(value));
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  const [sign, digits, power] = scientific(String(value));
  return rawJSON(`${sign}${digits.padEnd(power + 1, "0")}.0`);
}
