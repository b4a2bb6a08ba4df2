import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "../base/zod.ts";
import type { Engine } from "../engine/engine.ts";
import { ConfigError, type ConfigProblem } from "../base/errors/mod.ts";
import type { AnyModel } from "../model/types.ts";
import { nearest } from "../base/nearest.ts";
import { isConnectionText } from "../base/url_secrets.ts";
import { readSettingsFile } from "./file.ts";

/** The content of a settings file. */
export interface Settings {
  /** The file, or `the environment`. */
  readonly path: string;
  /** `DB_CONFIG`: settings by key. */
  readonly entries: Readonly<Record<string, unknown>>;
  /** `MODELS`; undefined if the file exports none. */
  readonly models: readonly AnyModel[] | undefined;
  /** `ENGINES`: additional engines. */
  readonly engines: readonly Engine[];
}

/** The path of settings that come from the environment. */
export const ENVIRONMENT = "the environment";

/** The file names to look for in a folder. */
const FILES = ["settings.ts", "settings.js", "settings.mjs", "settings.json"];

/** Models and engines are checked by their properties, because a file may import them from another copy of this package. */
const Models = z.array(
  z.custom<AnyModel>(
    (value) =>
      typeof value === "object" && value !== null && "table" in value &&
      "fields" in value,
    "is not a model",
  ),
  "must be a list of models",
);
const Engines = z.array(
  z.custom<Engine>(
    (value) =>
      typeof value === "object" && value !== null && "name" in value &&
      "open" in value && typeof value.open === "function",
    "is not an engine",
  ),
  "must be a list of engines",
);
const Entry = z.looseObject(
  { MODELS: Models.optional() },
  'must be an object like { ENGINE: "postgresql", HOST: … }',
).optional();
const NO_ENTRIES =
  "must be an object like { SQL: { ENGINE: … } } with at least one entry";

/** The exports of a settings file. */
const Exports = z.object({
  DB_CONFIG: z.record(z.string(), Entry, {
    error: ({ input }) => input === undefined ? "is not exported" : NO_ENTRIES,
  }).refine((entries) => Object.keys(entries).length > 0, NO_ENTRIES),
  MODELS: Models.optional(),
  ENGINES: Engines.default([]),
}, "must be an object with DB_CONFIG");
const EXPORTS = Object.keys(Exports.shape);

/**
 * Reads the settings file at a path, or in the folder at a path. If the current
 * folder has no settings file, reads `DATABASE_URL` and `MONGO_URL` of the
 * environment.
 *
 * @throws {ConfigError} `Settings file not found` or `Invalid settings file`
 */
export async function loadSettings(path = "."): Promise<Settings> {
  if (path === "") {
    throw new ConfigError("Settings file not found: the path is empty", []);
  }
  if (isConnectionText(path)) {
    throw new ConfigError(
      "Settings file not found: the path is a URL. Set the URL as DATABASE_URL or MONGO_URL, or write it into a settings file",
      [],
    );
  }
  const file = await settingsFile(path);
  if (file === undefined) return await fromEnvironment(path);
  return settingsOf(file, await readSettingsFile(file));
}

async function settingsFile(path: string): Promise<string | undefined> {
  const full = resolve(path);
  if (await kindOf(full) === "file") return full;
  for (const name of FILES) {
    const file = join(full, name);
    if (await kindOf(file) === "file") return file;
  }
  return undefined;
}

async function fromEnvironment(path: string): Promise<Settings> {
  const entries: Record<string, unknown> = {};
  const sql = Deno.env.get("DATABASE_URL");
  const mongo = Deno.env.get("MONGO_URL");
  if (sql) entries.SQL = { URL: sql };
  if (mongo) entries.MONGO = { URL: mongo };
  if (path === "." && Object.keys(entries).length > 0) {
    return { path: ENVIRONMENT, entries, models: undefined, engines: [] };
  }
  const full = resolve(path);
  const found = await kindOf(full) === undefined
    ? "does not exist"
    : `has no ${FILES[0]}`;
  throw new ConfigError(
    `Settings file not found: ${full} ${found}. Give the file or its folder with --settings_path${
      path === "." ? ", or set DATABASE_URL" : ""
    }`,
    [],
  );
}

function settingsOf(file: string, exported: unknown): Settings {
  const { data, error } = Exports.safeParse(exported);
  const misspelled = misspelledNames(exported);
  const problems = [
    ...misspelled,
    ...(error?.issues ?? []).map(({ path, message }) => ({
      key: path.map(String).join(".") || "the file",
      problem: message,
    })).filter(({ key }) => misspelled.every((name) => name.key !== key)),
  ];
  if (data === undefined || problems.length > 0) {
    throw new ConfigError(`Invalid settings file ${file}`, problems);
  }
  return {
    path: file,
    entries: data.DB_CONFIG,
    models: data.MODELS,
    engines: data.ENGINES,
  };
}

/** Missing exports for which an export with a similar name exists. Other names are the user's own. */
function misspelledNames(exported: unknown): ConfigProblem[] {
  if (typeof exported !== "object" || exported === null) return [];
  const names = Object.keys(exported);
  const missing = EXPORTS.filter((name) => !names.includes(name));
  return names.filter((name) => !EXPORTS.includes(name)).flatMap((name) => {
    const key = nearest(name, missing);
    return key === undefined
      ? []
      : [{ key, problem: `is not exported, but ${name} is` }];
  });
}

async function kindOf(path: string): Promise<"file" | "other" | undefined> {
  try {
    return (await stat(path)).isFile() ? "file" : "other";
  } catch {
    return undefined;
  }
}
