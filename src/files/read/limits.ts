import { LimitError, QueryError } from "../../base/errors/mod.ts";
import { MAX_LEVELS } from "../../base/max_levels.ts";
import { unknownNames } from "../../base/known_names.ts";

/** What a file of alerts may contain at most. A file beyond a limit throws a `LimitError`. */
export interface AlertLimits {
  /** Bytes of a line, or of a `.json` file; characters of a text (default: 8 MiB). */
  maxLine?: number;
  /** Bytes of an Avro block, before and after decompression (default: 32 MiB). */
  maxBlock?: number;
  /** Values of a packet (default: 1,000,000). */
  maxValues?: number;
  /** Levels of nested values in a packet (default: 1,000). */
  maxLevels?: number;
  /** How many times its size a compressed file may have after decompression (default: 200). Output up to 64 MiB is always allowed. */
  maxRatio?: number;
}

/** Limits with defaults. */
export type Limits = Readonly<Required<AlertLimits>>;

const DEFAULTS: Limits = {
  maxLine: 8 << 20,
  maxBlock: 32 << 20,
  maxValues: 1_000_000,
  maxLevels: MAX_LEVELS,
  maxRatio: 200,
};

/** What each limit counts. */
const UNITS: Readonly<Record<keyof AlertLimits, string>> = {
  maxLine: "bytes in a line",
  maxBlock: "bytes in a block",
  maxValues: "values in a packet",
  maxLevels: "levels of nested values",
  maxRatio: "times its compressed size",
};

/**
 * Returns the limits of a call.
 *
 * @param call the function, for messages
 * @throws {QueryError} if a limit is unknown, or is not a number above 0
 */
export function limitsOf(call: string, given: unknown): Limits {
  if (typeof given !== "object" || given === null) {
    throw new QueryError(
      `Cannot call ${call}: the limits must be an object like { maxLine: 1_000_000 }`,
      { field: "limits" },
    );
  }
  const [unknown] = unknownNames(given, new Set(Object.keys(UNITS)));
  if (unknown !== undefined) {
    const { name, nearest } = unknown;
    throw new QueryError(`Cannot call ${call}: it has no limit ${name}`, {
      field: name,
      nearest,
    });
  }
  const limits = { ...DEFAULTS };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (typeof value !== "number" || !(value > 0)) {
      throw new QueryError(
        `Cannot call ${call}: ${name} must be a number above 0`,
        { field: name },
      );
    }
    Reflect.set(limits, name, value);
  }
  return limits;
}

/**
 * Returns the error for an input beyond a limit.
 *
 * @param position the file and the line or block, for the message
 */
export function beyond(
  limit: keyof AlertLimits,
  limits: Limits,
  position: string,
  got?: number,
): LimitError {
  const allowed = limits[limit];
  return new LimitError(
    `Cannot read ${position}: it has ${
      got === undefined ? `more than ${allowed}` : `${got}`
    } ${UNITS[limit]}${
      got === undefined ? "" : `, more than ${allowed}`
    }. If the file is correct, set ${limit}`,
    { limit, allowed, got },
  );
}
