import { type Connection, createConnection } from "./connection/connection.ts";
import { assertOptionNames } from "./connection/option_names.ts";
import type { ConnectOptions } from "./connection/types.ts";
import type { Engine } from "./engine/engine.ts";
import { ConfigError, type ConfigProblem } from "./base/errors/mod.ts";
import type { AnyModel } from "./model/types.ts";
import type { AlerceModels } from "./models/mod.ts";
import { MongoConnection } from "./mongo/connection.ts";
import { mongodb } from "./mongo/engine.ts";
import { nearest } from "./base/nearest.ts";
import { isConnectionText } from "./base/url_secrets.ts";
import type {
  DbConfig,
  EngineOf,
  EntryOf,
  ModelsOfEntry,
} from "./settings/entry_types.ts";
import { settingName, settingOf } from "./base/setting_name.ts";
import { SQLConnection } from "./sql/connection.ts";
import { pglite, postgresql } from "./sql/engine.ts";
import { loadModule } from "./base/load_module.ts";

/** Options of {@link connect}. */
export interface ConnectByConfigOptions<
  Models extends readonly AnyModel[] = readonly AnyModel[],
  Db extends string = string,
> extends ConnectOptions {
  /** The key of the entry (default: `SQL`, or the only key). */
  db?: Db;
  /** The models of the connection. `MODELS` of the entry replaces them. */
  models?: Models;
  /** Engines of other packages. */
  engines?: readonly Engine[];
}

/**
 * The connection of {@link connect}: an {@link SQLConnection} or a
 * {@link MongoConnection} if the type of the settings says which engine, by
 * `ENGINE`, the beginning of `URL`, or the other keys.
 */
export type ConnectionOf<
  Config,
  Db extends string = never,
  Models extends readonly AnyModel[] = AlerceModels,
> = ConnectionOn<
  EngineOf<EntryOf<Config, Db>>,
  ModelsOfEntry<EntryOf<Config, Db>, Models>
>;

/**
 * The connection of an engine.
 * @internal
 */
type ConnectionOn<Name, Models extends readonly AnyModel[]> = Name extends
  "postgresql" | "pglite" ? SQLConnection<Models>
  : Name extends "mongodb" ? MongoConnection<Models>
  : Connection<Models>;

/** The engines of this package. */
const ENGINES: readonly Engine[] = [postgresql, pglite, mongodb];
/** The SQL engines of this package. */
const SQL_ENGINES: readonly Engine[] = [postgresql, pglite];
/** Keys of an entry that tell it from a `DB_CONFIG`. */
const ENTRY_KEYS = [
  ...["ENGINE", "HOST", "URL", "SQLALCHEMY_DATABASE_URL", "DATABASE"],
];

/**
 * Opens a connection with the engine that the settings name.
 *
 * @param config a `DB_CONFIG`, or one of its entries
 * @returns an {@link SQLConnection} or a {@link MongoConnection}, by the type of
 * the settings. If the type does not say which engine, {@link isSql} and
 * {@link isMongo} narrow the connection
 * @throws {ConfigError} with every wrong key
 * @throws {ConnectionError} if the host is wrong or the server is down
 * @throws {AuthenticationError} if the user or password is wrong
 * @throws {TimeoutError} if the server does not answer in time
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
export async function connect<
  const Config extends DbConfig | object,
  const Models extends readonly AnyModel[] = AlerceModels,
  const Db extends string = never,
>(
  config: Config,
  given: ConnectByConfigOptions<Models, Db> = {},
): Promise<ConnectionOf<Config, Db, Models>> {
  assertOptionNames("connect", given, ["db", "engines"]);
  const { db, engines = [], ...options } = given;
  const entry = entryOf(config, db, options.source ?? "Invalid settings");
  const connection = await connectionFor(entry, engines, options);
  await connection.connect(entry, options);
  // The types repeat the rules of entryOf and engineOf; tests/settings/connection_types_test.ts compares them.
  const untyped: unknown = connection;
  return untyped as ConnectionOf<Config, Db, Models>;
}

/** Returns the engine of an entry: one of this package, or one of `engines`. */
export async function engineOf(
  entry: unknown,
  engines: readonly Engine[],
  source: string,
): Promise<Engine> {
  const name = settingOf(entry, "ENGINE") ??
    (isMongoEntry(entry) ? mongodb.name : undefined);
  const known = [...ENGINES, ...engines];
  const engine = known.find((engine) => engine.name === name);
  if (engine !== undefined) return engine;
  if (typeof name !== "string") return postgresql;
  const names = known.map((engine) => engine.name);
  const close = nearest(name, names);
  throw new ConfigError(source, [
    {
      key: "ENGINE",
      problem: `must be one of ${names.join(", ")}`,
      nearest: close,
    },
    ...await otherProblems(entry, close),
  ]);
}

/** Returns the other problems of an entry whose misspelled `ENGINE` is probably an SQL engine. */
async function otherProblems(
  entry: unknown,
  engine: string | undefined,
): Promise<readonly ConfigProblem[]> {
  if (
    typeof entry !== "object" || entry === null ||
    !SQL_ENGINES.some(({ name }) => name === engine)
  ) return [];
  const others = Object.entries(entry).filter(([key]) =>
    settingName(key) !== "ENGINE"
  );
  const { sqlConfig } = await loadModule(() =>
    import("./sql/driver/config.ts")
  );
  try {
    sqlConfig({ ...Object.fromEntries(others), ENGINE: engine }, "");
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [];
  }
}

/** Returns the entry of a `DB_CONFIG` for a key; an entry itself is returned unchanged. */
export function entryOf(
  config: object,
  db: string | undefined,
  source: string,
): unknown {
  if (
    db === undefined &&
    ENTRY_KEYS.some((key) => isSettingValue(settingOf(config, key)))
  ) {
    return config;
  }
  if (typeof config !== "object" || config === null) {
    throw new ConfigError(source, [{
      key: "DB_CONFIG",
      problem: "must be an object like { SQL: { ENGINE: … } }",
    }]);
  }
  const keys = Object.keys(config);
  const key = db ??
    (keys.length === 1 && keys[0] !== undefined ? keys[0] : "SQL");
  const entry = new Map(Object.entries(config)).get(key) ??
    settingOf(config, settingName(key));
  if (entry === undefined) {
    throw new ConfigError(source, [{
      key: keys.length === 0
        ? "DB_CONFIG"
        : isConnectionText(key)
        ? "A URL"
        : key,
      problem: keys.length === 0
        ? "has no entries"
        : `is not an entry of DB_CONFIG; the entries are ${keys.join(", ")}`,
      nearest: nearest(key, keys),
    }]);
  }
  // The key MONGO selects the engine if the entry has no ENGINE.
  return settingName(key) === "MONGO" && typeof entry === "object" &&
      entry !== null && settingOf(entry, "ENGINE") === undefined
    ? { ENGINE: mongodb.name, ...entry }
    : entry;
}

async function connectionFor(
  entry: unknown,
  engines: readonly Engine[],
  { models, source = "Invalid settings" }: ConnectOptions,
): Promise<Connection> {
  const engine = await engineOf(entry, engines, source);
  const parts = models === undefined ? {} : { models };
  if (engine === mongodb) {
    return new MongoConnection<readonly AnyModel[]>(parts);
  }
  if (SQL_ENGINES.includes(engine)) {
    return new SQLConnection<readonly AnyModel[]>(parts);
  }
  const { ALERCE_MODELS } = await loadModule(() => import("./models/mod.ts"));
  return createConnection(engine, { models: models ?? ALERCE_MODELS });
}

/** Whether an entry without `ENGINE` is for MongoDB: it has a `DATABASE`, or a URL that begins with `mongodb`. */
function isMongoEntry(entry: unknown): boolean {
  const url = settingOf(entry, "URL");
  return typeof url === "string"
    ? /^mongodb(?:\+srv)?:/.test(url)
    : settingOf(entry, "DATABASE") !== undefined;
}

/** Whether a value is a setting: an entry of a `DB_CONFIG` may have the name of a setting, but is an object. */
function isSettingValue(value: unknown): boolean {
  return value !== undefined && typeof value !== "object";
}
