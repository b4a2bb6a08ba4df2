import { z } from "./zod.ts";
import { ConfigError, type ConfigProblem } from "./errors/mod.ts";
import { nearest } from "./nearest.ts";
import { settingName } from "./setting_name.ts";

/** The format of an entry of `DB_CONFIG`. */
export interface EntryFormat {
  /** The usual key of the entry. */
  readonly entry: "SQL" | "MONGO";
  /** An example: `{ HOST: "localhost", … }`. */
  readonly example: string;
  /** The keys. */
  readonly keys: readonly string[];
  /** Keys for options of the driver. */
  readonly optionKeys?: readonly string[];
  /** Returns the driver's name of the option for a key. */
  readonly optionOf?: (key: string) => string | undefined;
}

/** The settings of an entry. */
export interface Entry {
  /** The values of the keys. */
  readonly given: Record<string, unknown>;
  /** The options of the driver, by its names. */
  readonly options: Record<string, unknown>;
  /** The keys whose value is undefined. */
  readonly unset: Set<string>;
}

/** A whole number, or its text, as environment variables have it. */
export function wholeNumber(min: number, max: number): z.ZodType<number> {
  const problem = `must be a whole number from ${min} to ${max}`;
  return z.preprocess(
    (value) =>
      typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value,
    z.int(problem).min(min, problem).max(max, problem),
  );
}

/**
 * Returns the settings of an entry by their correct names, without undefined
 * values, which come from unset environment variables.
 *
 * @param problems receives the problems of the keys
 * @throws {ConfigError} if the value is not an entry
 */
export function readEntry(
  settings: unknown,
  source: string,
  format: EntryFormat,
  problems: ConfigProblem[],
): Entry {
  const { entry, example, keys, optionKeys = [], optionOf } = format;
  if (
    typeof settings !== "object" || settings === null || Array.isArray(settings)
  ) {
    throw new ConfigError(source, [{
      key: entry,
      problem: `must be an object like ${example}`,
    }]);
  }
  if (isWholeConfig(settings, format)) {
    const keys = Object.keys(settings);
    const key = keys.includes(entry) ? entry : keys[0] ?? entry;
    throw new ConfigError(source, [{
      key: keys.join(", "),
      problem: keys.length === 1
        ? `is an entry of a DB_CONFIG: pass the entry, like DB_CONFIG.${key}, or pass DB_CONFIG to the function connect`
        : `are entries of a DB_CONFIG: pass one of them, like DB_CONFIG.${key}, or pass all of them to the function connect`,
    }]);
  }
  const read: Entry = { given: {}, options: {}, unset: new Set() };
  for (const [key, value] of Object.entries(settings)) {
    const normalized = settingName(key);
    const isOwn = keys.includes(normalized);
    const name = isOwn ? normalized : optionOf?.(key);
    const target = isOwn ? read.given : read.options;
    if (name === undefined) {
      problems.push({
        key,
        problem: "is not a setting",
        nearest: nearest(key, [...keys, ...optionKeys]),
      });
    } else if (value !== undefined) {
      if (Object.hasOwn(target, name)) {
        problems.push({ key, problem: `sets ${name} a second time` });
      }
      target[name] = value;
    } else read.unset.add(name);
  }
  return read;
}

/** Returns the problem of a required setting without a value. */
export function missingText(key: string, { unset }: Entry): string {
  return unset.has(key)
    ? "is undefined; is an environment variable not set?"
    : "is missing";
}

/** Returns the valid settings. An invalid value does not hide the problems of the others. */
export function validValues<Schema extends z.ZodType>(
  schema: Schema,
  given: Readonly<Record<string, unknown>>,
  problems: ConfigProblem[],
): z.output<Schema> {
  const issues = schema.safeParse(given).error?.issues ?? [];
  for (const issue of issues) {
    const key = String(issue.path[0]);
    const value = given[key];
    problems.push({
      key,
      problem: problemText(issue),
      nearest: issue.code === "invalid_value" && typeof value === "string"
        ? nearest(value, issue.values.map(String))
        : undefined,
    });
  }
  const invalid = new Set(issues.map(({ path: [key] }) => String(key)));
  return schema.parse(
    Object.fromEntries(
      Object.entries(given).filter(([key]) => !invalid.has(key)),
    ),
  );
}

const EXPECTED: ReadonlyMap<string, string> = new Map([
  ["boolean", "true or false"],
  ["string", "a string"],
  ["array", "an array"],
]);

/** Returns the problem of a value in the words of this package. */
function problemText(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith("must ")) return issue.message;
  switch (issue.code) {
    case "invalid_value":
      return `must be ${issue.values.map(String).join(" or ")}`;
    case "invalid_type":
      return `must be ${EXPECTED.get(issue.expected) ?? `a ${issue.expected}`}`;
    case "too_small":
      return "must not be empty";
    default:
      return `is invalid: ${issue.message}`;
  }
}

/** Whether the settings are a whole `DB_CONFIG` in place of an entry. */
function isWholeConfig(
  settings: object,
  { keys, optionOf }: EntryFormat,
): boolean {
  const entries = Object.entries(settings);
  return entries.length > 0 &&
    entries.every(([key, value]) =>
      !keys.includes(settingName(key)) && optionOf?.(key) === undefined &&
      typeof value === "object" && value !== null
    );
}
