import { choice, string, text } from "./optique.ts";
import type { Suggestion } from "@optique/core/parser";
import type { NonEmptyString } from "@optique/core/nonempty";
import type { ValueParser } from "@optique/core/valueparser";
import { parseDuration } from "../../base/parse_duration.ts";
import type { ExportOptions } from "../../export/types.ts";
import { parseName } from "../../migrations/make/quoted_name.ts";
import type { AnyModel } from "../../model/types.ts";

/** Parses the value of an option. */
export type Value<T> = ValueParser<"sync", T>;

/** A name and the value that an option gives it. */
export interface Pair {
  /** `table` or `table.column`. */
  readonly name: string;
  /** The new name, or the value for existing rows. */
  readonly value: string;
}

/** A field and the direction of an order by it. */
export interface Sort {
  readonly field: string;
  readonly direction: "asc" | "desc";
}

/** How an export is divided among files. */
type Partitioning = NonNullable<ExportOptions<AnyModel>["partitionBy"]>;

const NO_PAIR: Pair = { name: "", value: "" };

/** One of some words. */
export function oneOf<const Word extends string>(
  metavar: NonEmptyString,
  words: readonly Word[],
): Value<Word> {
  const expected = words.join(", ").replace(/, (?=[^,]*$)/, " or ");
  return choice(words, {
    metavar,
    errors: { invalidChoice: [text(expected)] },
  });
}

/** A file or folder, which shells complete. */
export const path: Value<string> = {
  ...string({ metavar: "PATH" }),
  suggest: suggestPaths("any"),
};

/** A time with its unit, in milliseconds. */
export const duration: Value<number> = value(
  "TIME",
  0,
  "a time with its unit (ms, s, m or h)",
  (input) => parseDuration(input.replace(/min$/, "m"))?.milliseconds,
  (milliseconds) => `${milliseconds}ms`,
);

/** The id or name of a migration, or the beginning of either. */
export const id: Value<string> = value(
  "ID",
  "",
  "the name of a migration",
  notEmpty,
);

/** A folder, which shells complete. */
export const folder: Value<string> = {
  ...value("DIR", "", "a folder", notEmpty),
  suggest: suggestPaths("directory"),
};

/** Words that become a name. */
export const words: Value<string> = value(
  "WORDS",
  "",
  "a name",
  notEmpty,
);

/** A whole number, 1 or greater. */
export const count: Value<number> = value(
  "N",
  1,
  "a whole number, 1 or greater",
  (input) => /^0*[1-9]\d{0,8}$/.test(input) ? Number(input) : undefined,
);

/** A table or column and its new name. */
export const rename: Value<Pair> = value(
  "OLD=NEW",
  NO_PAIR,
  "two tables, or two columns of one table",
  (input) => {
    const from = parseName(input);
    const to = from?.rest.startsWith("=")
      ? parseName(from.rest.slice(1))
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
  pairText,
);

/** A table, or a column with its table. */
export const name: Value<string> = value(
  "NAME",
  "",
  "a table, or a column with its table",
  (input) => {
    const read = parseName(input);
    return read?.rest === "" ? read.parts.join(".") : undefined;
  },
);

/** A column with its table, and the value for its existing rows. */
export const fillValue: Value<Pair> = value(
  "COLUMN=VALUE",
  NO_PAIR,
  "a column with its table, and a value",
  (input) => {
    const { parts, rest } = parseName(input) ?? { parts: [], rest: "" };
    const name = parts.join(".");
    return name.includes(".") && rest.startsWith("=")
      ? { name, value: rest.slice(1) }
      : undefined;
  },
  pairText,
);

/** A column of a file and the field that it fills. */
export const columnField: Value<Pair> = pair(
  "COLUMN=FIELD",
  "a column of the file and a field",
);

/** A field and how its values are combined. */
export const fieldRule: Value<Pair> = pair(
  "FIELD=RULE",
  "a field and replace, keep, least, greatest or ifNull",
);

/** A column of a file; its name may be empty. */
export const column: Value<string> = value(
  "COLUMN",
  "",
  "a column of the file",
  (input) => input,
);

/** A field of a model. */
export const field: Value<string> = value(
  "FIELD",
  "",
  "a field of the model",
  notEmpty,
);

/** A model of the settings. */
export const model: Value<string> = value(
  "MODEL",
  "",
  "the name of a model or of its table",
  notEmpty,
);

/** A file to read. */
export const file: Value<string> = {
  ...value("FILE", "", "a file", notEmpty),
  suggest: suggestPaths("any"),
};

/** A file to write. */
export const outputFile: Value<string> = file;

/** A field and the direction of an order by it. */
export const sort: Value<Sort> = value(
  "FIELD[:desc]",
  { field: "", direction: "asc" },
  "a field of the model, or FIELD:desc",
  (input) => {
    const [, field, direction] = /^(.+?)(?::(asc|desc))?$/s.exec(input) ?? [];
    return field === undefined
      ? undefined
      : { field, direction: direction === "desc" ? "desc" : "asc" };
  },
  ({ field, direction }) => `${field}:${direction}`,
);

/** A field whose nights have a file each, or the order of the cells that have one. */
export const partition: Value<Partitioning> = value(
  "PARTS",
  { night: "" },
  "a field with a modified Julian date and :night, or healpix: and an order from 0 to 10",
  (input): Partitioning | undefined => {
    const [, order] = /^healpix:(\d{1,2})$/.exec(input) ?? [];
    const [, night] = /^(.+):night$/s.exec(input) ?? [];
    return order !== undefined
      ? { healpix: Number(order) }
      : night === undefined
      ? undefined
      : { night };
  },
  (given) =>
    "night" in given
      ? `${String(given.night)}:night`
      : `healpix:${given.healpix}`,
);

/** A filter in JSON, which the command parses. */
export const json: Value<string> = value(
  "JSON",
  "",
  "a filter in JSON",
  notEmpty,
);

/** Accepts every text but an empty one. */
function notEmpty(input: string): string | undefined {
  return input || undefined;
}

function pairText({ name, value }: Pair): string {
  return `${name}=${value}`;
}

/** Two texts with an equal sign between them; the second has none. */
function pair(
  metavar: NonEmptyString,
  expected: string,
): Value<Pair> {
  return value(
    metavar,
    NO_PAIR,
    expected,
    (input) => {
      const [, name, value] = /^(.*)=([^=]+)$/s.exec(input) ?? [];
      return name === undefined || value === undefined
        ? undefined
        : { name, value };
    },
    pairText,
  );
}

/**
 * @param placeholder any value, for the parser library's own use
 * @param expected what the value must be, for errors
 */
function value<T>(
  metavar: NonEmptyString,
  placeholder: T,
  expected: string,
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
          error: [text(`${expected}, got ${input || "nothing"}`)],
        }
        : { success: true, value };
    },
  };
}

function suggestPaths(
  type: "any" | "directory",
): (pattern: string) => Iterable<Suggestion> {
  return (pattern) => [{ kind: "file", type, pattern }];
}
