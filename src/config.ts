import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Engine } from "./engine.ts";
import { ConfigError, type ConfigProblem } from "./errors.ts";
import type { AnyModel } from "./model/types.ts";
import { nearest } from "./nearest.ts";

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
/** What a settings file may export. */
const EXPORTS = ["DB_CONFIG", "MODELS", "ENGINES"];
/** Credentials in a URL, wherever one may stand. */
const CREDENTIALS = /:\/\/[^\s/@'"]*@/g;

/**
 * Reads the settings file at a path, or in it where it is a folder. Where
 * there is none in the folder one is in, `DATABASE_URL` and `MONGO_URL` of the
 * environment stand in.
 *
 * @throws {ConfigError} `Settings file not found` or `Invalid settings file`
 */
export async function loadSettings(path = "."): Promise<Settings> {
  const file = await settingsFile(path);
  if (file === undefined) return fromEnvironment(path);
  return settingsOf(file, await contents(file));
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

function fromEnvironment(path: string): Settings {
  const entries: Record<string, unknown> = {};
  const sql = Deno.env.get("DATABASE_URL");
  const mongo = Deno.env.get("MONGO_URL");
  if (sql) entries.SQL = { URL: sql };
  if (mongo) entries.MONGO = { URL: mongo };
  if (path === "." && Object.keys(entries).length > 0) {
    return { path: "the environment", entries, models: undefined, engines: [] };
  }
  throw new ConfigError(
    `Settings file not found: ${resolve(path)} is no file and has no ${
      FILES[0]
    } in it`,
    [],
  );
}

async function contents(
  file: string,
): Promise<Readonly<Record<string, unknown>>> {
  if (file.endsWith(".json")) {
    try {
      return JSON.parse(await Deno.readTextFile(file));
    } catch (error) {
      throw broken(file, error);
    }
  }
  try {
    const { mtime } = await stat(file).then(({ mtimeMs }) => ({
      mtime: mtimeMs,
    }));
    // The time of its last change is in the address, so that a process that reads settings twice sees the newer ones.
    return await import(`${pathToFileURL(file).href}#${mtime}`);
  } catch (error) {
    throw broken(file, error);
  }
}

/** An error that keeps what a parser or the file itself says, but no line of the file, which may hold a password. */
function broken(file: string, error: unknown): ConfigError {
  const message = error instanceof Error ? error.message : String(error);
  const [, line, column] = /:(\d+):(\d+)\s*$/m.exec(message) ??
    /line (\d+) column (\d+)/.exec(message) ?? [];
  const parsing = error instanceof SyntaxError ||
    message.startsWith("SyntaxError");
  const place = line === undefined ? "" : ` at line ${line}, column ${column}`;
  const [first = ""] = message.replaceAll(CREDENTIALS, "://…@").split("\n");
  return new ConfigError(`Invalid settings file ${file}`, [{
    key: "the file",
    problem: parsing
      ? `cannot be parsed${place}`
      : `cannot be loaded: ${first}`,
  }]);
}

function settingsOf(
  file: string,
  exported: Readonly<Record<string, unknown>>,
): Settings {
  const problems: ConfigProblem[] = [];
  const { DB_CONFIG, MODELS = [], ENGINES = [] } = exported;
  if (DB_CONFIG === undefined) {
    const names = Object.keys(exported).filter((name) =>
      !EXPORTS.includes(name)
    );
    const close = names.find((name) => nearest(name, EXPORTS) === "DB_CONFIG");
    problems.push({
      key: "DB_CONFIG",
      problem: close === undefined
        ? "is not exported"
        : `is not exported, but ${close} is`,
    });
  } else if (!isEntries(DB_CONFIG)) {
    problems.push({
      key: "DB_CONFIG",
      problem:
        "must be an object like { SQL: { ENGINE: … } } with at least one entry",
    });
  }
  if (!Array.isArray(MODELS)) {
    problems.push({ key: "MODELS", problem: "must be a list of models" });
  }
  if (!Array.isArray(ENGINES)) {
    problems.push({ key: "ENGINES", problem: "must be a list of engines" });
  }
  if (
    problems.length > 0 || !isEntries(DB_CONFIG) || !Array.isArray(MODELS) ||
    !Array.isArray(ENGINES)
  ) {
    throw new ConfigError(`Invalid settings file ${file}`, problems);
  }
  return {
    path: file,
    entries: DB_CONFIG,
    models: exported.MODELS === undefined ? undefined : MODELS,
    engines: ENGINES,
  };
}

function isEntries(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.keys(value).length > 0;
}

async function kindOf(path: string): Promise<"file" | "other" | undefined> {
  try {
    return (await stat(path)).isFile() ? "file" : "other";
  } catch {
    return undefined;
  }
}
