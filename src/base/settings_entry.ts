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
  /** Keys of another engine, with the key that is meant here. */
  readonly otherKeys?: Readonly<Record<string, string>>;
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
      const other = format.otherKeys?.[normalized];
      problems.push({
        key,
        problem: other === undefined
          ? "is not a setting"
          : "is a setting of another engine",
        nearest: other ?? nearest(key, [...keys, ...optionKeys]),
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
