// deno-lint-ignore-file explicit-module-boundary-types -- ValueReader and TextReader have the types
import { exactDate, INFINITE_TIME } from "../../../model/exact_date.ts";
import {
  INFINITE_MICROSECONDS,
  NEGATIVE_INFINITE_MICROSECONDS,
} from "../../../model/microseconds.ts";
import {
  clockText,
  dateText,
  EPOCH_DAYS,
  EPOCH_MICROSECONDS,
  EPOCH_MILLISECONDS,
  timestampText,
  two,
} from "./calendar.ts";
import {
  assertLength,
  type TextReader,
  UnreadableValue,
  type ValueReader,
} from "./value_reader.ts";

/** The high half of a timestamp's microseconds within which a double is exact: 2^53 / 2^32. */
const EXACT_HIGH = 2 ** 21;
const INFINITE_DAYS = 2_147_483_647;
const NEGATIVE_INFINITE_DAYS = -2_147_483_648;

/** Reads a timestamp, with or without time zone, as a `Date` that remembers its microseconds. */
export const timestampDate: ValueReader = (_, view, at, length) => {
  assertLength(length, 8);
  const high = view.getInt32(at);
  if (high >= -EXACT_HIGH && high < EXACT_HIGH) {
    const microseconds = high * 4_294_967_296 + view.getUint32(at + 4);
    let milliseconds = Math.floor(microseconds / 1000);
    let rest = microseconds - milliseconds * 1000;
    // The quotient of great numbers is rounded.
    if (rest < 0) {
      milliseconds--;
      rest += 1000;
    }
    return exactDate(milliseconds + EPOCH_MILLISECONDS, rest);
  }
  return farDate(view.getBigInt64(at));
};

function farDate(stored: bigint): Date {
  if (stored === INFINITE_MICROSECONDS) return new Date(INFINITE_TIME);
  if (stored === NEGATIVE_INFINITE_MICROSECONDS) {
    return new Date(-INFINITE_TIME);
  }
  const microseconds = stored + EPOCH_MICROSECONDS;
  const rest = Number(((microseconds % 1000n) + 1000n) % 1000n);
  const milliseconds = Number((microseconds - BigInt(rest)) / 1000n);
  return exactDate(
    withinDates(milliseconds, () => timestampText(microseconds, "")),
    rest,
  );
}

/** Reads a date as a `Date`. */
export const dayDate: ValueReader = (_, view, at, length) => {
  assertLength(length, 4);
  const days = view.getInt32(at);
  if (days === INFINITE_DAYS) return new Date(INFINITE_TIME);
  if (days === NEGATIVE_INFINITE_DAYS) return new Date(-INFINITE_TIME);
  const since1970 = days + EPOCH_DAYS;
  return new Date(
    withinDates(since1970 * 86_400_000, () => dateText(since1970)),
  );
};

/** @throws {UnreadableValue} for a time that a `Date` cannot represent, or that is its limit and stands for infinity */
function withinDates(milliseconds: number, text: () => string): number {
  if (Math.abs(milliseconds) < INFINITE_TIME) return milliseconds;
  throw new UnreadableValue(
    `holds ${text()}, beyond the range of a Date`,
    `To read such times, declare the field as z.int64() or z.string() with the same meta({ sqlType })`,
  );
}

/** Reads a timestamp as microseconds since 1970; the limits of 64 bits stand for the infinities. */
export const timestampMicroseconds: ValueReader = (_, view, at, length) => {
  assertLength(length, 8);
  const stored = view.getBigInt64(at);
  if (
    stored === INFINITE_MICROSECONDS ||
    stored === NEGATIVE_INFINITE_MICROSECONDS
  ) return stored;
  const microseconds = stored + EPOCH_MICROSECONDS;
  if (microseconds < INFINITE_MICROSECONDS) return microseconds;
  throw new UnreadableValue(
    `holds ${
      timestampText(microseconds, "")
    }, beyond 64 bits in microseconds since 1970`,
    `To read such times, declare the field as z.string() with the same meta({ sqlType })`,
  );
};

/** Reads a timestamp as text, in UTC. */
export function timestampTextReader(offset: "+00" | ""): TextReader {
  return (_, view, at, length) => {
    assertLength(length, 8);
    const stored = view.getBigInt64(at);
    if (stored === INFINITE_MICROSECONDS) return "infinity";
    if (stored === NEGATIVE_INFINITE_MICROSECONDS) return "-infinity";
    return timestampText(stored + EPOCH_MICROSECONDS, offset);
  };
}

/** Reads a date as text. */
export const dayTextReader: TextReader = (_, view, at, length) => {
  assertLength(length, 4);
  const days = view.getInt32(at);
  if (days === INFINITE_DAYS) return "infinity";
  if (days === NEGATIVE_INFINITE_DAYS) return "-infinity";
  return dateText(days + EPOCH_DAYS);
};

/** Reads a time of the day as text. */
export const timeTextReader: TextReader = (_, view, at, length) => {
  assertLength(length, 8);
  return clockText(view.getBigInt64(at));
};

/** Reads a time of the day with an offset as text: `04:07:22+02`. The stored offset counts seconds west of Greenwich. */
export const zonedTimeTextReader: TextReader = (_, view, at, length) => {
  assertLength(length, 12);
  const west = view.getInt32(at + 8);
  const seconds = Math.abs(west);
  const parts = [
    Math.trunc(seconds / 3600),
    Math.trunc(seconds / 60) % 60,
    seconds % 60,
  ];
  const shown = parts[2] !== 0 ? 3 : parts[1] !== 0 ? 2 : 1;
  return `${clockText(view.getBigInt64(at))}${west > 0 ? "-" : "+"}${
    parts.slice(0, shown).map(two).join(":")
  }`;
};
