import { INFINITE_TIME, microsecondsOf } from "../../model/exact_date.ts";
import {
  INFINITE_MICROSECONDS,
  NEGATIVE_INFINITE_MICROSECONDS,
} from "../../model/microseconds.ts";
import { timestampText } from "./wire/calendar.ts";

/** Writes a `Date` as PostgreSQL reads it, in UTC and with its microseconds. */
export function dateText(date: Date): string {
  const time = date.getTime();
  if (time === INFINITE_TIME) return "infinity";
  if (time === -INFINITE_TIME) return "-infinity";
  const year = date.getUTCFullYear();
  const micros = microsecondsOf(date) ?? 0;
  const rest = date.toISOString().replace(/^[+-]?\d+/, "").replace(
    "Z",
    `${micros === 0 ? "" : String(micros).padStart(3, "0")}+00`,
  );
  const era = year > 0 ? "" : " BC";
  return `${String(year > 0 ? year : 1 - year).padStart(4, "0")}${rest}${era}`;
}

/** Writes microseconds since 1970 as PostgreSQL reads a timestamp. */
export function microsecondsText(value: unknown): string {
  const microseconds = BigInt(String(value));
  if (microseconds === INFINITE_MICROSECONDS) return "infinity";
  if (microseconds === NEGATIVE_INFINITE_MICROSECONDS) return "-infinity";
  return timestampText(microseconds, "+00");
}
