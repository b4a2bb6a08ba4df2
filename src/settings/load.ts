import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { Engine } from "../engine/engine.ts";
import { ConfigError, type ConfigProblem } from "../base/errors/mod.ts";
import type { AnyModel } from "../model/types.ts";
import { nearest } from "../base/nearest.ts";
import { readSettingsFile } from "./file.ts";

/** What a settings file holds. */
export interface Settings {
  /** The file, or what stood in for one. */
  readonly path: string;
  /** `DB_CONFIG`: settings by key. */
  readonly entries: Readonly<Record<string, unknown>>;
  /** `MODELS`; ALeRCE's where undefined. */
  readonly models: readonly AnyModel[] | undefined;
  /** `ENGINES` that the settings bring along. */
  readonly engines: readonly Engine[];
}

/** Names looked for in a folder. */
const FILES = ["settings.ts", "settings.js", "settings.mjs", "settings.json"];

/** Models and engines are known by what they have: a file may get them from another copy of this package. */
const Models = z.array(
  z.custom<AnyModel>(
    (value) =>
      typeof value === "object" && value !== null && "table" in value &&
      "fields" in value,
    "is no model",
  ),
  "must be a list of models",
);
const Engines = z.array(
  z.custom<Engine>(
    (value) =>
      typeof value === "object" && value !== null && "name" in value &&
      "open" in value && typeof value.open === "function",
    "is no engine",
  ),
  "must be a list of engines",
);
const Entry = z.looseObject(
  { MODELS: Models.optional() },
  'must be an object like { ENGINE: "postgresql", HOST: … }',
).optional();
const NO_ENTRIES =
  "must be an object like { SQL: { ENGINE: … } } with at least one entry";

/** What a settings file exports. */
const Exports = z.object({
  DB_CONFIG: z.record(z.string(), Entry, {
    error: ({ input }) => input === undefined ? "is not exported" : NO_ENTRIES,
  }).refine((entries) => Object.keys(entries).length > 0, NO_ENTRIES),
  MODELS: Models.optional(),
  ENGINES: Engines.default([]),
}, "is no object with a DB_CONFIG");
const EXPORTS = Object.keys(Exports.shape);

/**
 * Reads the settings file at a path, or in it where it is a folder. Where
 * there is none in the folder one is in, `DATABASE_URL` and `MONGO_URL` of the
 * environment stand in.
 *
 * @throws {ConfigError} `Settings file not found` or `Invalid settings file`
 */
export async function loadSettings(path = "."): Promise<Settings> {
  if (path === "") {
    throw new ConfigError("Settings file not found: the path is empty", []);
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
    return { path: "the environment", entries, models: undefined, engines: [] };
  }
  const full = resolve(path);
  const found = await kindOf(full) === undefined
    ? "is not there"
    : `has no ${FILES[0]} in it`;
  throw new ConfigError(
    `Settings file not found: ${full} ${found}. Name the file or its folder with --settings_path${
      path === "." ? ", or set DATABASE_URL" : ""
    }`,
    [],
  );
}

function settingsOf(file: string, exported: unknown): Settings {
  const { data, error } = Exports.safeParse(exported);
  const names = misspelt(exported);
  const problems = [
    ...names,
    ...(error?.issues ?? []).map(({ path, message }) => ({
      key: path.map(String).join(".") || "the file",
      problem: message,
    })).filter(({ key }) => names.every((name) => name.key !== key)),
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

/** What is not exported while something of a like name is. Other names are the user's own. */
function misspelt(exported: unknown): ConfigProblem[] {
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
