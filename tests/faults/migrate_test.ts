// Migrations while the server is killed, and while others migrate and roll back at the same time.
import {
  type AnyModel,
  type Connection,
  DbPluginsError,
  defineModel,
  SQLConnection,
} from "@alerce/db-plugins";
import {
  check,
  history,
  makeMigrations,
  migrate,
  type MigrateOptions,
  rollback,
} from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import pg from "pg";
import { z } from "zod";
import {
  clientConfig,
  freshSchema,
  mongoSettings,
  postgresSettings,
} from "../support/engines.ts";
import { testFolder } from "../support/migrations_folder.ts";
import { catalog, Place } from "../support/mongo_migrating.ts";
import { startMongo, withoutMongo } from "../support/mongo_server.ts";
import { settingsOf, startPostgres } from "../support/servers.ts";
import { mongoConfig } from "../../src/mongo/driver/config.ts";
import { openMongo } from "../../src/mongo/driver/open_mongo.ts";
import { mongoTarget } from "../../src/mongo/migrations/target.ts";
import { ROUNDS } from "../support/rounds.ts";

const ID = z.int64();
const OLD = defineModel("star", {
  fields: z.object({ id: ID, name: z.string() }),
  primaryKey: ["id"],
});
/** The same model, later: a filled column, two indexes, and another table. */
const YOUNG = [
  defineModel("star", {
    fields: z.object({
      id: ID,
      name: z.string(),
      visits: z.int32().default(0),
      mag: z.float64().nullable(),
    }),
    primaryKey: ["id"],
    indexes: [{ fields: ["mag"] }, { fields: ["name"] }],
  }),
  defineModel("night", { fields: z.object({ id: ID }), primaryKey: ["id"] }),
];
const ROWS = Array.from(
  { length: 500 },
  (_, id) => ({ id: BigInt(id), name: `star ${id}` }),
);

/** A server that a test kills and restarts, or that all tests share. */
interface Server {
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** Connects to the database of the test. */
  open(models: readonly AnyModel[]): Promise<Connection>;
  /** Runs `migrate` with a lock of short life. */
  run(db: Connection, options: MigrateOptions): Promise<unknown>;
  /** Describes the tables or collections, without the history. */
  schema(): Promise<unknown>;
}

interface EngineUnderFaults {
  readonly name: string;
  readonly folder: string;
  /** Kills the server at every step with this number; a restart may take long. */
  readonly stride: number;
  /** Starts a server. */
  start(): Promise<Server>;
  /** Returns the server that all tests share, with a database of the test. */
  share(): Promise<Server>;
}

/** Nobody waits long for the lock of a killed process. */
const LEASE = { length: 600, renewal: 150 };

const SHARED = {
  kill: () => Promise.resolve(),
  restart: () => Promise.resolve(),
};

function postgresAt(
  settings: Record<string, unknown>,
): Pick<Server, "open" | "schema" | "run"> {
  return {
    async open(models) {
      const db = new SQLConnection({ models });
      await db.connect({ ...settings, CONNECT_TIMEOUT: 30_000 });
      return db;
    },
    async schema() {
      const client = new pg.Client(clientConfig(settings));
      await client.connect();
      const { rows } = await client.query(
        `select c.relname, string_agg(a.attname || ' ' || a.atttypid::regtype || ' ' || a.attnotnull, ', ' order by a.attname) as parts
         from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relnamespace = $1::regnamespace and c.relname not like 'dbp_%' group by 1 order by 1`,
        [String(settings.SCHEMA)],
      );
      await client.end();
      return rows;
    },
    run: migrate,
  };
}

function mongoAt(
  settings: { URL: string; DATABASE: string },
): Pick<Server, "open" | "schema" | "run"> & { drop(): Promise<void> } {
  const opened = async (models: readonly AnyModel[]): Promise<Place> => {
    const place = new Place({ models });
    await place.connect({ ...settings, SERVER_SELECTION_TIMEOUT_MS: 5_000 });
    return place;
  };
  return {
    open: opened,
    async schema() {
      await using place = await opened([]);
      return await catalog(place.db);
    },
    async run(_db, options) {
      await using client = new MongoClient(settings.URL, {
        serverSelectionTimeoutMS: 3_000,
      });
      const driver = await openMongo(mongoConfig(settings, "test"), {
        source: "test",
        models: [],
        client,
      });
      const migrations = () => mongoTarget(driver, [], LEASE);
      return await migrate({ migrations }, options);
    },
    async drop() {
      await using place = await opened([]);
      await place.db.dropDatabase();
    },
  };
}

const ENGINES: readonly EngineUnderFaults[] = [
  {
    name: "postgresql",
    folder: "sql",
    stride: 1,
    async start() {
      const server = await startPostgres();
      const settings = { ...settingsOf(server), SCHEMA: "public" };
      return { ...server, ...postgresAt(settings) };
    },
    async share() {
      const settings = { ...postgresSettings(), SCHEMA: freshSchema() };
      const client = new pg.Client(clientConfig(settings));
      await client.connect();
      await client.query(`create schema ${settings.SCHEMA}`);
      return {
        ...SHARED,
        ...postgresAt(settings),
        async stop() {
          await client.query(`drop schema ${settings.SCHEMA} cascade`);
          await client.end();
        },
      };
    },
  },
  ...withoutMongo ? [] : [{
    name: "mongodb",
    folder: "mongo",
    stride: ROUNDS > 1 ? 1 : 100,
    async start() {
      const server = await startMongo();
      return { ...server, ...mongoAt({ URL: server.url, DATABASE: "d" }) };
    },
    share() {
      const place = mongoAt(mongoSettings());
      return Promise.resolve({ ...SHARED, ...place, stop: place.drop });
    },
  }],
];

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn });
}

for (const engine of ENGINES) {
  test(`${engine.name}: a server that is killed in each step of migrate loses no row, and the next run continues`, async () => {
    await using folder = await testFolder(engine.folder);
    const { directory } = folder;
    const server = await engine.start();
    try {
      await using old = await server.open([OLD]);
      await makeMigrations(old, { directory });
      await migrate(old, { directory });
      await old.query(OLD).bulkInsert(ROWS);
      await using young = await server.open(YOUNG);
      await makeMigrations(young, { directory });
      let kills = 0;
      for (let next = 1, isDone = false; !isDone; next += engine.stride) {
        let killing: Promise<void> | undefined;
        const onProgress = (event: { kind: string; step?: number }): void => {
          if (event.kind === "step" && event.step === next) {
            killing ??= server.kill();
          }
        };
        try {
          await server.run(young, { directory, lockWait: 60_000, onProgress });
          isDone = killing === undefined;
        } catch (error) {
          assert.ok(error instanceof DbPluginsError, Deno.inspect(error));
          assert.ok(killing !== undefined, Deno.inspect(error));
        }
        if (killing === undefined) continue;
        kills++;
        await killing;
        await server.restart();
      }
      assert.ok(kills >= 1, `killed ${kills} times`);
      const { exitCode, ...report } = await check(young, { directory });
      assert.equal(exitCode, 0, Deno.inspect(report, { depth: 5 }));
      const records = await history(young);
      assert.deepEqual(
        records.map(({ state, stepsDone, stepsTotal }) => [
          state,
          stepsDone === stepsTotal,
        ]),
        [["applied", true], ["applied", true]],
      );
      assert.equal(await young.query(OLD).count(), ROWS.length);
    } finally {
      await server.stop();
    }
  });

  test(`${engine.name}: two migrate and one rollback at once end like one after the other`, async () => {
    await using folder = await testFolder(engine.folder);
    const { directory } = folder;
    const server = await engine.share();
    try {
      await using old = await server.open([OLD]);
      await using first = await server.open(YOUNG);
      await using second = await server.open(YOUNG);
      const schemas = [await server.schema()];
      await makeMigrations(old, { directory });
      await migrate(old, { directory });
      schemas.push(await server.schema());
      await makeMigrations(first, { directory });
      await migrate(first, { directory });
      schemas.push(await server.schema());
      for (let round = 0; round < 4 * ROUNDS; round++) {
        const results = await Promise.allSettled([
          migrate(first, { directory }),
          rollback(old, { directory }),
          migrate(second, { directory }),
        ]);
        for (const result of results) {
          if (result.status === "fulfilled") continue;
          const { reason } = result;
          assert.ok(reason instanceof DbPluginsError, Deno.inspect(reason));
        }
        const applied = (await history(old)).filter(({ state }) =>
          state === "applied"
        );
        assert.deepEqual(
          await server.schema(),
          schemas[applied.length],
          `round ${round}: ${applied.length} files are applied`,
        );
      }
      await migrate(first, { directory });
      assert.equal((await check(first, { directory })).exitCode, 0);
      assert.deepEqual(await server.schema(), schemas[2]);
    } finally {
      await server.stop();
    }
  });
}
