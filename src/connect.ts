import {
  type Connection,
  connectionOf,
  type ConnectOptions,
} from "./connection/connection.ts";
import type { Engine } from "./engine.ts";
import { ConfigError } from "./errors.ts";
import type { AnyModel } from "./model/types.ts";
import { ALERCE_MODELS } from "./models/mod.ts";
import { MongoConnection } from "./mongo/connection.ts";
import { mongodb } from "./mongo/engine.ts";
import { nearest } from "./nearest.ts";
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
  const name = named(entry, "ENGINE") ??
    (isMongo(entry) ? mongodb.name : undefined);
  const known = [...ENGINES, ...engines];
  const engine = known.find((engine) => engine.name === name);
  if (engine !== undefined) return engine;
  if (typeof name !== "string") return postgresql;
  const names = known.map((engine) => engine.name);
  throw new ConfigError(source, [{
    key: "ENGINE",
    problem: `is none of ${names.join(", ")}`,
    nearest: nearest(name, names),
  }]);
}

/** The entry of a `DB_CONFIG` that is meant. */
export function entryOf(
  config: object,
  db: string | undefined,
  source: string,
): unknown {
  if (
    db === undefined &&
    ENTRY_KEYS.some((key) => isSaid(named(config, key)))
  ) {
    return config;
  }
  const entries = new Map(Object.entries(config));
  const keys = [...entries.keys()];
  const key = db ??
    (entries.has("SQL") || keys.length !== 1 ? "SQL" : keys[0] ?? "SQL");
  const entry = entries.get(key);
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
  return key === "MONGO" && typeof entry === "object" && entry !== null &&
      named(entry, "ENGINE") === undefined
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
  return ENGINES.includes(engine)
    ? new SQLConnection({ models: own })
    : connectionOf(engine, { models: own });
}

/** Whether an entry without `ENGINE` is MongoDB's: its database is called `DATABASE`, and its URL begins with its name. */
function isMongo(entry: unknown): boolean {
  const url = named(entry, "URL");
  return typeof url === "string"
    ? /^mongodb(?:\+srv)?:/.test(url)
    : named(entry, "DATABASE") !== undefined;
}

/** Whether a key's value is a setting's; an entry of a `DB_CONFIG` may have any name, but is an object. */
function isSaid(value: unknown): boolean {
  return value !== undefined && typeof value !== "object";
}

function named(entry: unknown, key: string): unknown {
  if (typeof entry !== "object" || entry === null) return undefined;
  const found = Object.entries(entry).find(([name]) =>
    name.toUpperCase() === key
  );
  return found?.[1];
}
