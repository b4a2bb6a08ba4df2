import type { Buffer } from "node:buffer";
import { fractionText, two } from "./calendar.ts";
import { assertLength } from "./value_reader.ts";

const MICROSECONDS_LIMIT = 9_223_372_036_854_775_807n;
const LIMIT = 2_147_483_647;

/** Reads an interval as text, in the style `postgres`: `1 year 2 mons -3 days +04:05:06.7`. */
export function intervalTextReader(
  _bytes: Buffer,
  view: DataView,
  at: number,
  length: number,
): string {
  assertLength(length, 16);
  const microseconds = view.getBigInt64(at);
  const days = view.getInt32(at + 8);
  const months = view.getInt32(at + 12);
  // The infinities of PostgreSQL 17: all parts have their limits.
  if (
    months === LIMIT && days === LIMIT && microseconds === MICROSECONDS_LIMIT
  ) {
    return "infinity";
  }
  if (
    months === -LIMIT - 1 && days === -LIMIT - 1 &&
    microseconds === -MICROSECONDS_LIMIT - 1n
  ) return "-infinity";
  return intervalText(months, days, microseconds);
}

/** Writes the parts as PostgreSQL's `EncodeInterval` does: a sign where the previous part was negative. */
function intervalText(
  months: number,
  days: number,
  microseconds: bigint,
): string {
  const parts: string[] = [];
  let isAfterNegative = false;
  for (
    const [value, unit] of [
      [Math.trunc(months / 12), "year"],
      [months % 12, "mon"],
      [days, "day"],
    ] as const
  ) {
    if (value === 0) continue;
    const sign = isAfterNegative && value > 0 ? "+" : "";
    parts.push(`${sign}${value} ${unit}${value === 1 ? "" : "s"}`);
    isAfterNegative = value < 0;
  }
  if (parts.length === 0 || microseconds !== 0n) {
    const sign = microseconds < 0n ? "-" : isAfterNegative ? "+" : "";
    parts.push(
      sign + hoursText(microseconds < 0n ? -microseconds : microseconds),
    );
  }
  return parts.join(" ");
}

function hoursText(microseconds: bigint): string {
  const seconds = microseconds / 1_000_000n;
  return `${String(seconds / 3600n).padStart(2, "0")}:${
    two(Number(seconds / 60n % 60n))
  }:${two(Number(seconds % 60n))}${
    fractionText(Number(microseconds % 1_000_000n))
  }`;
}
