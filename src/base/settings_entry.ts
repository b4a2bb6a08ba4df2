import { z } from "zod";
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
}

/** A whole number, or its text, as environment variables have it. */
export function wholeNumber(min: number, max: number): z.ZodType<number> {
  return z.preprocess(
    (value) =>
      typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value,
    z.int().min(min).max(max),
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
    throw new ConfigError(source, [{
      key: Object.keys(settings).join(", "),
      problem:
        `are entries of a DB_CONFIG: pass one of them, like DB_CONFIG.${entry}, or pass all of them to the function connect`,
    }]);
  }
  const read: Entry = { given: {}, options: {} };
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
    }
  }
  return read;
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
      problem: `is invalid: ${issue.message}`,
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
