import { type Extensions, PGlite } from "@electric-sql/pglite";
import { cube } from "@electric-sql/pglite/contrib/cube";
import type { AnyModel } from "@alerce/db-plugins";
import pg from "pg";
import { MongoConnection, SQLConnection } from "@alerce/db-plugins";
import type { EngineUnderTest } from "@alerce/db-plugins/testing";
import { mongoUrl } from "./mongo_server.ts";
import { ROUNDS } from "./rounds.ts";
import { settingsOf } from "./servers.ts";

let schemas = 0;

/** Returns the name of a schema that no other test uses. */
export function freshSchema(): string {
  return `t${Deno.pid}_${crypto.randomUUID().slice(0, 8)}_${++schemas}`;
}

/** The settings of the PostgreSQL 18 server of the test command. */
export function postgresSettings(): Record<string, unknown> {
  return settingsFrom("DBP_TEST_POSTGRES");
}

/** Settings of a session that change the text of values. */
export const HOSTILE_SETTINGS: Readonly<Record<string, string>> = {
  DateStyle: "SQL,DMY",
  IntervalStyle: "sql_standard",
  extra_float_digits: "-15",
  TimeZone: "Asia/Kathmandu",
  bytea_output: "escape",
};

/** Creates a pool of connections with settings that change the text of values. */
export function hostilePool(
  settings: Record<string, unknown> = postgresSettings(),
): pg.Pool {
  return new pg.Pool({
    ...clientConfig(settings),
    options: Object.entries(HOSTILE_SETTINGS).map(([name, value]) =>
      `-c ${name}=${value}`
    ).join(" "),
  });
}

/** The settings of the PostgreSQL 15 server, if it is installed. */
export function postgres15Settings(): Record<string, unknown> | undefined {
  return Deno.env.has("DBP_TEST_POSTGRES15_PORT")
    ? settingsFrom("DBP_TEST_POSTGRES15")
    : undefined;
}

/** The options of a `pg` client for the server of the settings. */
export function clientConfig(
  { HOST, PORT, USER, PASSWORD, DB_NAME }: Record<string, unknown> =
    postgresSettings(),
): {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
} {
  return {
    host: String(HOST),
    port: Number(PORT),
    user: String(USER),
    password: String(PASSWORD),
    database: String(DB_NAME),
  };
}

function settingsFrom(variables: string): Record<string, unknown> {
  const port = Deno.env.get(`${variables}_PORT`);
  if (port === undefined) {
    throw new Error(
      "No PostgreSQL server: run the tests with `deno task test [file]`, which starts one",
    );
  }
  const password = Deno.env.get(`${variables}_PASSWORD`) ?? "";
  return settingsOf({ port: Number(port), password });
}

/** Creates a PGlite in memory, with the given extensions; that of position indexes by default. */
export function freshPglite(
  extensions: Extensions = { cube },
): Promise<PGlite> {
  return PGlite.create("memory://", { extensions });
}

/** Creates a PGlite for tests that share it, with the extension of position indexes in a schema that no test drops. */
export async function sharedPglite(): Promise<PGlite> {
  const client = await freshPglite();
  await client.exec(
    "create schema extensions; create extension cube schema extensions",
  );
  return client;
}

/** A PostgreSQL 18 server. */
export const postgresEngine: EngineUnderTest = {
  name: "postgresql",
  async open(models) {
    const db = new SQLConnection<readonly AnyModel[]>({ models });
    await db.connect({ ...postgresSettings(), SCHEMA: freshSchema() });
    return db;
  },
};

/** A PostgreSQL 15 server, if it is installed; migrations must work there too. */
const postgres15Engine: EngineUnderTest = {
  name: "postgresql 15",
  async open(models) {
    const db = new SQLConnection<readonly AnyModel[]>({ models });
    await db.connect({
      ...postgres15Settings(),
      SCHEMA: freshSchema(),
    });
    return db;
  },
};

let shared: Promise<PGlite> | undefined;

/** PGlite, a PostgreSQL 18 in this process: one database for all tests of a file, with a schema for each. */
export const pgliteEngine: EngineUnderTest = {
  name: "pglite",
  async open(models) {
    shared ??= sharedPglite();
    const db = new SQLConnection<readonly AnyModel[]>({
      models,
      client: await shared,
    });
    await db.connect({ ENGINE: "pglite", SCHEMA: freshSchema() });
    return db;
  },
};

/** The settings of a database of its own on the MongoDB server of the test command. */
export function mongoSettings(): { URL: string; DATABASE: string } {
  return { URL: mongoUrl(), DATABASE: freshSchema() };
}

/** A connection that drops its database when it is closed. */
class PassingConnection extends MongoConnection<readonly AnyModel[]> {
  #open = false;

  override async connect(config?: unknown): Promise<void> {
    await super.connect(config);
    this.#open = true;
  }

  override async close(): Promise<void> {
    const database = this.#open ? this.backend().db : undefined;
    this.#open = false;
    await super.close();
    if (database === undefined) return;
    await database.client.connect();
    await database.dropDatabase();
    await database.client.close();
  }
}

/** A MongoDB replica set of one server. */
export const mongoEngine: EngineUnderTest = {
  name: "mongodb",
  async open(models) {
    const db = new PassingConnection({ models });
    await db.connect(mongoSettings());
    return db;
  },
};

/** Creates a database that orders text as a language does, not by code point. Returns its settings. */
async function linguisticDatabase(
  settings: Record<string, unknown> = postgresSettings(),
): Promise<Record<string, unknown>> {
  const name = freshSchema();
  const server = new pg.Client(clientConfig(settings));
  await server.connect();
  await server.query(
    `create database ${name} template template0 encoding 'UTF8' locale_provider icu icu_locale 'en-US' locale 'C'`,
  );
  await server.end();
  return { ...settings, DB_NAME: name };
}

/** Creates such a database on each available version of PostgreSQL. */
export const LINGUISTIC: readonly (readonly [
  name: string,
  open: () => Promise<Record<string, unknown>>,
])[] = [
  ["PostgreSQL 18", () => linguisticDatabase()],
  ...[postgres15Settings()].flatMap((settings) =>
    settings === undefined ? [] : [
      ["PostgreSQL 15", () => linguisticDatabase(settings)] as const,
    ]
  ),
];

let hostile: Promise<Record<string, unknown>> | undefined;

/** A PostgreSQL 18 server, in a database that orders text as English does, with unusual settings. */
export const hostileEngine: EngineUnderTest = {
  name: "postgresql with hostile settings",
  async open(models) {
    hostile ??= hostileDatabase();
    const db = new SQLConnection<readonly AnyModel[]>({ models });
    await db.connect({ ...await hostile, SCHEMA: freshSchema() });
    return db;
  },
};

async function hostileDatabase(): Promise<Record<string, unknown>> {
  const settings = await linguisticDatabase();
  const server = new pg.Client(clientConfig(settings));
  await server.connect();
  for (
    const [name, value] of Object.entries({
      ...HOSTILE_SETTINGS,
      default_transaction_isolation: "serializable",
      quote_all_identifiers: "on",
      xmloption: "document",
      transform_null_equals: "on",
    })
  ) {
    await server.query(
      `alter database ${settings.DB_NAME} set ${name} = ${
        pg.escapeLiteral(value)
      }`,
    );
  }
  await server.end();
  return settings;
}

/** The two SQL engines. */
export const sqlEngines: readonly EngineUnderTest[] = [
  postgresEngine,
  pgliteEngine,
];

/** Those whose drivers differ, by day; at night also the older version, on which the same code runs. */
export const newestPostgres: readonly EngineUnderTest[] = ROUNDS > 1
  ? [
    ...sqlEngines,
    ...postgres15Settings() === undefined ? [] : [postgres15Engine],
  ]
  : sqlEngines;

/** All available versions of PostgreSQL, for behavior that depends on the version. */
export const everyPostgres: readonly EngineUnderTest[] = [
  ...sqlEngines,
  ...postgres15Settings() === undefined ? [] : [postgres15Engine],
];
