import { type Connection, connectionOf } from "./connection/connection.ts";
import type { ConnectOptions } from "./connection/types.ts";
import type { Engine } from "./engine/engine.ts";
import { ConfigError, type ConfigProblem } from "./base/errors/mod.ts";
import type { AnyModel } from "./model/types.ts";
import { ALERCE_MODELS } from "./models/mod.ts";
import { MongoConnection } from "./mongo/connection.ts";
import { mongodb } from "./mongo/engine.ts";
import { nearest } from "./base/nearest.ts";
import { settingName, settingOf } from "./base/setting_name.ts";
import { sqlConfig } from "./sql/driver/config.ts";
import { SQLConnection } from "./sql/connection.ts";
import { pglite, postgresql } from "./sql/engine.ts";

/** Settings by key: `SQL`, `MONGO`, and any other that `db` may name. */
export type DbConfig = Readonly<Record<string, object>>;

/** How {@link connect} picks and opens a connection. */
export interface ConnectByConfigOptions extends ConnectOptions {
  /** Which entry; `SQL` where there is one, else the only one. */
  db?: string;
  /** Engines besides those that come with the package. */
  engines?: readonly Engine[];
}

/** The engines that come with the package. */
const ENGINES: readonly Engine[] = [postgresql, pglite, mongodb];
/** Those that speak SQL. */
const SQL_ENGINES: readonly Engine[] = [postgresql, pglite];
/** Keys that make an object an entry rather than a `DB_CONFIG`. */
const ENTRY_KEYS = [
  ...["ENGINE", "HOST", "URL", "SQLALCHEMY_DATABASE_URL", "DATABASE"],
];

/**
 * Opens the connection that settings describe, on whatever engine they name.
 *
 * @param config a `DB_CONFIG`, or one of its entries
 * @throws {ConfigError} naming every wrong key
 * @throws {ConnectionError} or `AuthenticationError`, `TimeoutError`
 * @example
 * ```ts
 * import { connect } from "@alerce/db-plugins";
 * import { AstroObject } from "@alerce/db-plugins/models";
 * import assert from "node:assert/strict";
 *
 * const DB_CONFIG = { SQL: { ENGINE: "pglite", DB_NAME: "memory://" } };
 * await using db = await connect(DB_CONFIG);
 * await db.createDb();
 * assert.equal(await db.query(AstroObject).count(), 0);
 * ```
 */
export async function connect(
  config: DbConfig | object,
  { db, engines = [], ...options }: ConnectByConfigOptions = {},
): Promise<Connection> {
  const entry = entryOf(config, db, options.source ?? "Invalid settings");
  const connection = connectionFor(entry, engines, options);
  await connection.connect(entry, options);
  return connection;
}

/** The engine that an entry names, among those of the package and others. */
export function engineOf(
  entry: unknown,
  engines: readonly Engine[],
  source: string,
): Engine {
  const name = settingOf(entry, "ENGINE") ??
    (isMongo(entry) ? mongodb.name : undefined);
  const known = [...ENGINES, ...engines];
  const engine = known.find((engine) => engine.name === name);
  if (engine !== undefined) return engine;
  if (typeof name !== "string") return postgresql;
  const names = known.map((engine) => engine.name);
  const close = nearest(name, names);
  throw new ConfigError(source, [
    {
      key: "ENGINE",
      problem: `is none of ${names.join(", ")}`,
      nearest: close,
    },
    ...otherProblems(entry, close),
  ]);
}

/** What else is wrong with an entry if it was one of the SQL engines that its `ENGINE` meant. */
function otherProblems(
  entry: unknown,
  engine: string | undefined,
): readonly ConfigProblem[] {
  if (
    typeof entry !== "object" || entry === null ||
    !SQL_ENGINES.some(({ name }) => name === engine)
  ) return [];
  const others = Object.entries(entry).filter(([key]) =>
    settingName(key) !== "ENGINE"
  );
  try {
    sqlConfig({ ...Object.fromEntries(others), ENGINE: engine }, "");
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [];
  }
}

/** The entry of a `DB_CONFIG` that is meant. */
export function entryOf(
  config: object,
  db: string | undefined,
  source: string,
): unknown {
  if (
    db === undefined &&
    ENTRY_KEYS.some((key) => isSaid(settingOf(config, key)))
  ) {
    return config;
  }
  const keys = Object.keys(config);
  const key = db ??
    (keys.length === 1 && keys[0] !== undefined ? keys[0] : "SQL");
  const entry = new Map(Object.entries(config)).get(key) ??
    settingOf(config, settingName(key));
  if (entry === undefined) {
    throw new ConfigError(source, [{
      key,
      problem: keys.length === 0
        ? "is missing"
        : `is not among the entries of DB_CONFIG: ${keys.join(", ")}`,
      nearest: nearest(key, keys),
    }]);
  }
  // The key itself says which engine is meant, where nothing in the entry does.
  return settingName(key) === "MONGO" && typeof entry === "object" &&
      entry !== null && settingOf(entry, "ENGINE") === undefined
    ? { ENGINE: mongodb.name, ...entry }
    : entry;
}

function connectionFor(
  entry: unknown,
  engines: readonly Engine[],
  { models, source = "Invalid settings" }: ConnectOptions,
): Connection {
  const engine = engineOf(entry, engines, source);
  const own: readonly AnyModel[] = models ?? ALERCE_MODELS;
  if (engine === mongodb) return new MongoConnection({ models: own });
  return SQL_ENGINES.includes(engine)
    ? new SQLConnection({ models: own })
    : connectionOf(engine, { models: own });
}

/** Whether an entry without `ENGINE` is MongoDB's: its database is called `DATABASE`, and its URL begins with its name. */
function isMongo(entry: unknown): boolean {
  const url = settingOf(entry, "URL");
  return typeof url === "string"
    ? /^mongodb(?:\+srv)?:/.test(url)
    : settingOf(entry, "DATABASE") !== undefined;
}

/** Whether a key's value is a setting's; an entry of a `DB_CONFIG` may have any name, but is an object. */
function isSaid(value: unknown): boolean {
  return value !== undefined && typeof value !== "object";
}
