// The meaning of settings: the case of keys, the selection of an entry, and the settings of a server.
import {
  AuthenticationError,
  ConfigError,
  connect,
  type Connection,
  ConnectionError,
  type QueryEvent,
  SQLConnection,
  TimeoutError,
} from "@alerce/db-plugins";
import { Sighting, Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { sql } from "kysely";
import { freshSchema, postgresSettings } from "../support/engines.ts";
import { memory } from "../memory/engine.ts";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn });
}

/** The settings with their keys in another spelling. */
function respelt(
  settings: object,
  spell: (key: string) => string,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [spell(key), value]),
  );
}

/** The settings, frozen at every depth. */
function frozen<T extends object>(settings: T): T {
  for (const value of Object.values(settings)) {
    if (typeof value === "object" && value !== null) frozen(value);
  }
  return Object.freeze(settings);
}

async function tables(db: Connection): Promise<readonly string[]> {
  const { created } = await db.createDb();
  await db.dropDb();
  return created;
}

test("the case of keys in an entry and in DB_CONFIG does not matter", async () => {
  const settings = {
    ...postgresSettings(),
    SCHEMA: freshSchema(),
    POOL_SIZE: 2,
    CONNECT_TIMEOUT: 60_000,
    STATEMENT_TIMEOUT: 60_000,
    MODELS: [Star],
  };
  const spellings: ((key: string) => string)[] = [
    (key) => key.toLowerCase(),
    (key) => key[0] + key.slice(1).toLowerCase(),
    (key) => key.toLowerCase().replaceAll("_", "-"),
  ];
  for (const spell of spellings) {
    const entry = respelt(settings, spell);
    for (
      const [config, db] of [
        [entry],
        [{ sql: entry, other: {} }],
        [{ Archive: entry, SQL: {} }, "ARCHIVE"],
        [{ [spell("TRY_OUT")]: entry, SQL: {} }, "try_out"],
      ] as const
    ) {
      await using open = await connect(config, db === undefined ? {} : { db });
      assert.deepEqual(await tables(open), ["star"]);
    }
  }
  await assert.rejects(
    connect({ ...settings, host: "elsewhere" }),
    (error) => error instanceof ConfigError && /HOST/.test(error.message),
  );
});

test("models of the entry win over models of connect, and those over ALeRCE's", async () => {
  const SQL = { ENGINE: "memory" };
  const engines = [memory];
  await using own = await connect({ SQL: { ...SQL, MODELS: [Star] } }, {
    engines,
    models: SUITE_MODELS,
  });
  assert.deepEqual(await tables(own), ["star"]);
  await using given = await connect({ SQL }, { engines, models: [Sighting] });
  assert.deepEqual(await tables(given), ["sighting"]);
  await using alerce = await connect({ SQL }, { engines });
  assert.equal((await tables(alerce)).length, 17);
  assert.ok(!(alerce instanceof SQLConnection));
});

test("connect does not change the given settings", async () => {
  const config = frozen({
    SQL: { ...postgresSettings(), SCHEMA: freshSchema(), MODELS: [Star] },
    OTHER: { ...postgresSettings(), SSL: { key: "-----BEGIN nothing-----" } },
  });
  await using db = await connect(config);
  assert.deepEqual(await tables(db), ["star"]);
  await assert.rejects(connect(config, { db: "OTHER" }), ConnectionError);
  const SSL = { rejectUnauthorized: false, key: "-----BEGIN nothing-----" };
  await assert.rejects(connect({ ...postgresSettings(), SSL }));
  assert.deepEqual(Object.keys(SSL), ["rejectUnauthorized", "key"]);
});

test("SCHEMA sets the schema of the tables, and POOL_SIZE the number of connections", async () => {
  const SCHEMA = freshSchema();
  const db = new SQLConnection({ models: SUITE_MODELS });
  await db.connect({ ...postgresSettings(), SCHEMA, POOL_SIZE: 2 });
  await db.createDb();
  const created = await db.sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = ${SCHEMA} order by 1`;
  assert.deepEqual(
    created.map(({ name }) => name),
    SUITE_MODELS.map(({ table }) => table).toSorted(),
  );
  await Promise.all(
    Array.from(
      { length: 20 },
      () => db.sql`select pg_sleep(0.01), ${SCHEMA}::text`,
    ),
  );
  const [{ count } = { count: 0n }] = await db.sql<{ count: bigint }>`
    select count(*) from pg_stat_activity where query like ${"%pg_sleep(0.01)%"}
    and backend_type = 'client backend' and pid <> pg_backend_pid()`;
  assert.ok(count <= 2n);
  await db.dropDb();
  await db.close();
});

test("escaped parts of a URL are decoded, and its password never appears in errors", async () => {
  const { HOST, PORT, DB_NAME } = postgresSettings();
  const admin = new SQLConnection({ models: [] });
  await admin.connect(postgresSettings());
  const role = `who@ ${freshSchema()}`;
  const password = "p@ss/w:rd%25 ?#[]&=é";
  await admin.sql`create role ${sql.id(role)} login password ${
    sql.lit(password)
  }`;
  const url = (secret: string) =>
    `postgresql://${encodeURIComponent(role)}:${
      encodeURIComponent(secret)
    }@${HOST}:${PORT}/${DB_NAME}`;
  const sent: QueryEvent[] = [];
  const options = {
    onQuery: (event: QueryEvent) => sent.push(event),
    logValues: true,
  };
  for (const key of ["URL", "SQLALCHEMY_DATABASE_URL"]) {
    const db = new SQLConnection({ models: [] });
    await db.connect({ [key]: url(password) }, options);
    assert.deepEqual(await db.sql`select current_user::text as who`, [
      { who: role },
    ]);
    await db.close();
    const wrong = "s3cret@/:%";
    const failing: [string, object, new (...args: never[]) => Error][] = [
      ["password", { [key]: url(wrong) }, AuthenticationError],
      [
        "database",
        { [key]: url(password).replace(/[^/]*$/, "nowhere") },
        ConnectionError,
      ],
      ["port", { [key]: url(wrong), PORT: 1 }, ConnectionError],
      ["key", { [key]: url(wrong), HOTS: "h" }, ConfigError],
      ["ENGINE", { [key]: url(wrong), ENGINE: "sqlite" }, ConfigError],
    ];
    for (const [what, settings, kind] of failing) {
      await assert.rejects(connect(settings, options), (error) => {
        assert.ok(error instanceof kind, `${what}: ${error}`);
        const text = Deno.inspect(error, { depth: 20, showHidden: true }) +
          (error instanceof Error ? `${error.stack}${error.cause}` : "");
        for (const secret of [password, wrong, encodeURIComponent(wrong)]) {
          assert.ok(!text.includes(secret), `${what}: ${text}`);
        }
        return true;
      });
    }
  }
  assert.ok(!Deno.inspect(sent, { depth: 20 }).includes(password));
  await admin.sql`drop role ${sql.id(role)}`;
  await admin.close();
});

test("connect fails after CONNECT_TIMEOUT if the server does not answer, with and without TLS", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (const SSL of [false, true]) {
    await assert.rejects(
      connect({
        ...postgresSettings(),
        PORT: silent.addr.port,
        CONNECT_TIMEOUT: 200,
        SSL,
      }),
      (error) =>
        error instanceof TimeoutError && /CONNECT_TIMEOUT/.test(error.message),
    );
  }
  silent.close();
});
