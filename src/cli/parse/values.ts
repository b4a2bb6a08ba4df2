import { text } from "@optique/core/message";
import type { Suggestion } from "@optique/core/parser";
import { string, type ValueParser } from "@optique/core/valueparser";
import { spelledName } from "../../migrations/make/quoted_name.ts";

/** What can stand behind an option. */
export type Value<T> = ValueParser<"sync", T>;

/** One thing that becomes another. */
export interface Pair {
  /** A table or `table.column`. */
  readonly name: string;
  /** What it becomes, or gets. */
  readonly value: string;
}

/** Milliseconds in each unit of time. */
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  m: 60_000,
  h: 3_600_000,
};
const NO_PAIR: Pair = { name: "", value: "" };

/** A file or folder, which shells complete. */
export const path: Value<string> = {
  ...string({ metavar: "PATH" }),
  suggest: placesLike("any"),
};

/** A time with its unit, in milliseconds. */
export const duration: Value<number> = value(
  "TIME",
  0,
  "a time with its unit (ms, s, m or h)",
  (input) => {
    const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(input) ?? [];
    const size = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
    if (size !== undefined) return Number(digits) * size;
    return input === "0" ? 0 : undefined;
  },
  (milliseconds) => `${milliseconds}ms`,
);

/** A migration's name, or the beginning of it. */
export const id: Value<string> = value(
  "ID",
  "",
  "a migration's name",
  (input) => input || undefined,
);

/** A folder, which shells complete. */
export const folder: Value<string> = {
  ...value("DIR", "", "a folder", (input) => input || undefined),
  suggest: placesLike("directory"),
};

/** Words for a name. */
export const words: Value<string> = value(
  "WORDS",
  "",
  "a name",
  (input) => input || undefined,
);

/** A whole number from 1. */
export const count: Value<number> = value(
  "N",
  1,
  "a whole number from 1",
  (input) => /^0*[1-9]\d{0,8}$/.test(input) ? Number(input) : undefined,
);

/** A table with its new name, or a column with its. */
export const rename: Value<Pair> = value(
  "OLD=NEW",
  NO_PAIR,
  "two names of tables, or two of columns in one table",
  (input) => {
    const from = spelledName(input);
    const to = from?.rest.startsWith("=")
      ? spelledName(from.rest.slice(1))
      : undefined;
    if (from === undefined || to === undefined || to.rest !== "") {
      return undefined;
    }
    const isTables = from.parts.length === 1 && to.parts.length === 1;
    const isColumns = from.parts.length > 1 && to.parts.length > 1 &&
      from.parts[0] === to.parts[0];
    const [name, value] = [from.parts.join("."), to.parts.join(".")];
    return name !== value && (isTables || isColumns)
      ? { name, value }
      : undefined;
  },
  ({ name, value }) => `${name}=${value}`,
);

/** A table or a column. */
export const name: Value<string> = value(
  "NAME",
  "",
  "a table or a column with its table",
  (input) => {
    const read = spelledName(input);
    return read?.rest === "" ? read.parts.join(".") : undefined;
  },
);

/** A column, and what the rows that are there get in it. */
export const filling: Value<Pair> = value(
  "COLUMN=VALUE",
  NO_PAIR,
  "a column with its table, and what it gets",
  (input) => {
    const { parts, rest } = spelledName(input) ?? { parts: [], rest: "" };
    const name = parts.join(".");
    return name.includes(".") && rest.startsWith("=")
      ? { name, value: rest.slice(1) }
      : undefined;
  },
  ({ name, value }) => `${name}=${value}`,
);

/**
 * @param placeholder any value, for the parser's own use
 * @param what is right, in words
 */
function value<T>(
  metavar:
    | "DIR"
    | "ID"
    | "WORDS"
    | "TIME"
    | "N"
    | "OLD=NEW"
    | "NAME"
    | "COLUMN=VALUE",
  placeholder: T,
  what: string,
  read: (input: string) => T | undefined,
  format: (value: T) => string = String,
): Value<T> {
  return {
    mode: "sync",
    metavar,
    placeholder,
    format,
    parse(input) {
      const value = read(input);
      return value === undefined
        ? {
          success: false,
          error: [text(`${what}, not ${input || "nothing"}`)],
        }
        : { success: true, value };
    },
  };
}

function placesLike(
  type: "any" | "directory",
): (pattern: string) => Iterable<Suggestion> {
  return (pattern) => [{ kind: "file", type, pattern }];
}
