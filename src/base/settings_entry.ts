import { z } from "zod";
import { ConfigError, type ConfigProblem } from "./errors/mod.ts";
import { nearest } from "./nearest.ts";
import { settingName } from "./setting_name.ts";

/** What an entry of `DB_CONFIG` may hold. */
export interface EntryForm {
  /** What it is called there. */
  readonly entry: "SQL" | "MONGO";
  /** The beginning of one, as in `{ HOST: "localhost", … }`. */
  readonly example: string;
  /** Its keys. */
  readonly keys: readonly string[];
  /** Keys that are options of the driver's, as they are written. */
  readonly optionKeys?: readonly string[];
  /** The driver's name of an option that a key gives. */
  readonly optionOf?: (key: string) => string | undefined;
}

/** An entry's settings. */
export interface Entry {
  /** Those of the form's keys, by them. */
  readonly given: Record<string, unknown>;
  /** Those that are options of the driver's, by its names. */
  readonly options: Record<string, unknown>;
}

/** A whole number, also as text, which a variable of the environment gives. */
export function wholeNumber(least: number, most: number): z.ZodType<number> {
  return z.preprocess(
    (value) =>
      typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value,
    z.int().min(least).max(most),
  );
}

/**
 * Settings by their right names; undefined ones, as an unset variable of the
 * environment gives, are left out.
 *
 * @param problems gets what is wrong with the keys
 * @throws {ConfigError} where it is no entry at all
 */
export function readEntry(
  settings: unknown,
  source: string,
  form: EntryForm,
  problems: ConfigProblem[],
): Entry {
  const { entry, example, keys, optionKeys = [], optionOf } = form;
  if (
    typeof settings !== "object" || settings === null || Array.isArray(settings)
  ) {
    throw new ConfigError(source, [{
      key: entry,
      problem: `must be an object like ${example}`,
    }]);
  }
  if (isWholeConfig(settings, form)) {
    throw new ConfigError(source, [{
      key: Object.keys(settings).join(", "),
      problem:
        `are entries of a DB_CONFIG: give one of them, as DB_CONFIG.${entry}, or all of them to the function connect`,
    }]);
  }
  const read: Entry = { given: {}, options: {} };
  for (const [key, value] of Object.entries(settings)) {
    const right = settingName(key);
    const own = keys.includes(right);
    const name = own ? right : optionOf?.(key);
    const place = own ? read.given : read.options;
    if (name === undefined) {
      problems.push({
        key,
        problem: "is not a setting",
        nearest: nearest(key, [...keys, ...optionKeys]),
      });
    } else if (value !== undefined) {
      if (Object.hasOwn(place, name)) {
        problems.push({ key, problem: `says ${name} a second time` });
      }
      place[name] = value;
    }
  }
  return read;
}

/** The settings that are right; one wrong value does not hide the rest. */
export function rightValues<Schema extends z.ZodType>(
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
      problem: `is wrong: ${issue.message}`,
      nearest: issue.code === "invalid_value" && typeof value === "string"
        ? nearest(value, issue.values.map(String))
        : undefined,
    });
  }
  const wrong = new Set(issues.map(({ path: [key] }) => String(key)));
  return schema.parse(
    Object.fromEntries(
      Object.entries(given).filter(([key]) => !wrong.has(key)),
    ),
  );
}

/** Whether entries were given where one is wanted. */
function isWholeConfig(
  settings: object,
  { keys, optionOf }: EntryForm,
): boolean {
  const entries = Object.entries(settings);
  return entries.length > 0 &&
    entries.every(([key, value]) =>
      !keys.includes(settingName(key)) && optionOf?.(key) === undefined &&
      typeof value === "object" && value !== null
    );
}
