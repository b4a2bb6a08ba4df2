import { type Extensions, PGlite } from "@electric-sql/pglite";
import type { AnyModel } from "@alerce/db-plugins";
import { MongoConnection, SQLConnection } from "@alerce/db-plugins";
import type { EngineUnderTest } from "@alerce/db-plugins/testing";
import { mongoUrl } from "./mongo_server.ts";
import { POSTGRES_USER } from "./servers.ts";

let schemas = 0;

/** A schema that no other test uses. */
export function freshSchema(): string {
  return `t${Deno.pid}_${crypto.randomUUID().slice(0, 8)}_${++schemas}`;
}

/** Settings of the PostgreSQL 18 server that the test command started. */
export function postgresSettings(): Record<string, unknown> {
  return settingsOf("DBP_TEST_POSTGRES");
}

/** Settings of the PostgreSQL 15 server, where there is one. */
export function postgres15Settings(): Record<string, unknown> | undefined {
  return Deno.env.has("DBP_TEST_POSTGRES15_PORT")
    ? settingsOf("DBP_TEST_POSTGRES15")
    : undefined;
}

/** What a client of `pg` takes to reach the server of some settings. */
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

function settingsOf(server: string): Record<string, unknown> {
  const port = Deno.env.get(`${server}_PORT`);
  if (port === undefined) {
    throw new Error(
      "No PostgreSQL server: run the tests with `deno task test [file]`, which starts one",
    );
  }
  return {
    ENGINE: "postgresql",
    HOST: "127.0.0.1",
    PORT: Number(port),
    USER: POSTGRES_USER,
    PASSWORD: Deno.env.get(`${server}_PASSWORD`),
    DB_NAME: "postgres",
  };
}

/** A PGlite in memory that is ready at once, with the extensions that it is given. */
export async function freshPglite(
  extensions: Extensions = {},
): Promise<PGlite> {
  const template = Deno.env.get("DBP_TEST_PGLITE_TEMPLATE");
  return template === undefined
    ? await PGlite.create("memory://", { extensions })
    : await PGlite.create({
      extensions,
      loadDataDir: new Blob([await Deno.readFile(template)]),
    });
}

/** PostgreSQL 18 on a server. */
export const postgresEngine: EngineUnderTest = {
  name: "postgresql",
  async open(models) {
    const db = new SQLConnection<readonly AnyModel[]>({ models });
    await db.connect({ ...postgresSettings(), SCHEMA: freshSchema() });
    return db;
  },
};

/** PostgreSQL 15 on a server, where it is installed; migrations must work there too. */
export const postgres15Engine: EngineUnderTest = {
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

/** PostgreSQL 18 in this process; one database for the tests of a file, a schema for each. */
export const pgliteEngine: EngineUnderTest = {
  name: "pglite",
  async open(models) {
    shared ??= freshPglite();
    const db = new SQLConnection<readonly AnyModel[]>({
      models,
      client: await shared,
    });
    await db.connect({ ENGINE: "pglite", SCHEMA: freshSchema() });
    return db;
  },
};

/** Settings of a database on the MongoDB server that the test command started; no other test uses it. */
export function mongoSettings(): { URL: string; DATABASE: string } {
  return { URL: mongoUrl(), DATABASE: freshSchema() };
}

/** A connection whose database goes when it is closed. */
class PassingConnection extends MongoConnection<readonly AnyModel[]> {
  #open = false;

  override async connect(config?: unknown): Promise<void> {
    await super.connect(config);
    this.#open = true;
  }

  override async close(): Promise<void> {
    if (this.#open) await this.backend().db.dropDatabase();
    this.#open = false;
    await super.close();
  }
}

/** A MongoDB server of one node. */
export const mongoEngine: EngineUnderTest = {
  name: "mongodb",
  async open(models) {
    const db = new PassingConnection({ models });
    await db.connect(mongoSettings());
    return db;
  },
};

/** Both engines that speak SQL. */
export const sqlEngines: readonly EngineUnderTest[] = [
  postgresEngine,
  pgliteEngine,
];

/** Every PostgreSQL that there is here, for what depends on its version. */
export const everyPostgres: readonly EngineUnderTest[] = [
  ...sqlEngines,
  ...postgres15Settings() === undefined ? [] : [postgres15Engine],
];
