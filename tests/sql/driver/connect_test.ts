// Connecting to a server: settings, errors, time limits and TLS.
import {
  AuthenticationError,
  ConnectionError,
  SQLConnection,
  TimeoutError,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import pg from "pg";
import { TIMES } from "../../../src/sql/driver/watch_times.ts";
import { startSwallowingProxy } from "../../support/swallowing_proxy.ts";
import { generate } from "selfsigned";
import {
  clientConfig,
  freshPglite,
  freshSchema,
  postgresSettings,
} from "../../support/engines.ts";
import {
  CLOSED_PORT,
  settingsOf,
  startPostgres,
} from "../../support/servers.ts";
import { untilEqual } from "../../support/waiting.ts";

const SECRET = "hunter2-s3cret";

/** Registers a test whose connections have timers that outlive it. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn });
}

/** Opens a connection to the test server, with a schema of its own. */
async function connected(
  settings: object = {},
  options = {},
): Promise<SQLConnection<typeof SUITE_MODELS>> {
  const db = new SQLConnection({ models: SUITE_MODELS });
  await db.connect({
    ...postgresSettings(),
    SCHEMA: freshSchema(),
    ...settings,
  }, options);
  return db;
}

test("a failed connection throws within the time limit, with its cause and without the password", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const wrong: [object, new (...args: never[]) => Error, RegExp][] = [
    [
      { HOST: "no-such-host.invalid" },
      ConnectionError,
      /no-such-host\.invalid.*unknown host/,
    ],
    [
      { PORT: CLOSED_PORT },
      ConnectionError,
      /127\.0\.0\.1:\d+.*connection refused/,
    ],
    [
      { PORT: silent.addr.port, CONNECT_TIMEOUT: 200 },
      TimeoutError,
      /CONNECT_TIMEOUT/,
    ],
    [
      { USER: "nobody-here", PASSWORD: SECRET },
      AuthenticationError,
      /nobody-here/,
    ],
    [
      { PASSWORD: SECRET },
      AuthenticationError,
      /password authentication failed for user "postgres"/,
    ],
    [
      { DB_NAME: "no-such-database" },
      ConnectionError,
      /"no-such-database" does not exist.*initdb --create-database/,
    ],
  ];
  try {
    for (const [settings, kind, message] of wrong) {
      await assert.rejects(
        connected({ CONNECT_TIMEOUT: 30_000, ...settings }),
        (error) => {
          assert.ok(
            error instanceof kind,
            `${JSON.stringify(settings)}: ${error}`,
          );
          assert.match(error.message, message);
          const all = Deno.inspect(error, { depth: 10 });
          assert.ok(
            !all.includes(SECRET) &&
              !all.includes(String(postgresSettings().PASSWORD)),
            all,
          );
          return true;
        },
      );
    }
  } finally {
    silent.close();
  }
});

test("a URL replaces keys, and keys extend or override it", async () => {
  const { HOST, PORT, USER, PASSWORD } = postgresSettings();
  for (const scheme of ["postgresql", "postgres", "postgresql+psycopg2"]) {
    const url = `${scheme}://${USER}:${
      encodeURIComponent(String(PASSWORD))
    }@${HOST}:${PORT}/postgres?sslmode=disable`;
    for (
      const key of ["URL", "SQLALCHEMY_DATABASE_URL", "sqlalchemy_database_url"]
    ) {
      const db = new SQLConnection({ models: SUITE_MODELS });
      await db.connect({ [key]: url, Schema: "public" });
      assert.deepEqual(await db.sql`select 1 as one`, [{ one: 1 }]);
      await db.close();
    }
  }
});

test("an open connection rejects a second connect, and a closed one connects again", async () => {
  const db = await connected();
  await assert.rejects(db.connect(postgresSettings()), ConnectionError);
  await db.close();
  await assert.rejects(db.query(Star).count(), /after it was closed/);
  await db.connect(postgresSettings());
  assert.deepEqual(await db.sql`select 1 as one`, [{ one: 1 }]);
  await db.close();
  await assert.rejects(
    new SQLConnection().query(Star).count(),
    /before connect/,
  );
});

test("a statement beyond STATEMENT_TIMEOUT throws a TimeoutError, and the connection stays usable", async () => {
  const db = await connected({ STATEMENT_TIMEOUT: 500 });
  await assert.rejects(db.sql`select pg_sleep(100)`, TimeoutError);
  assert.deepEqual(await db.sql`select 1 as one`, [{ one: 1 }]);
  await db.close();
});

test("if all connections are in use, a call throws a TimeoutError", async () => {
  const SCHEMA = freshSchema();
  const owner = await connected({ SCHEMA });
  await owner.createDb();
  const db = await connected({ SCHEMA, POOL_SIZE: 1, CONNECT_TIMEOUT: 1_000 });
  const release = Promise.withResolvers<void>();
  const holding = db.transaction(async (tx) => {
    await tx.query(Star).count();
    await release.promise;
  });
  await assert.rejects(
    db.query(Star).bulkInsert([{ id: 1n, name: "a" }]),
    (error) => error instanceof TimeoutError && /was free/.test(error.message),
  );
  release.resolve();
  await holding;
  assert.equal(
    (await db.query(Star).bulkInsert([{ id: 1n, name: "a" }])).inserted,
    1,
  );
  await db.close();
  await owner.dropDb();
  await owner.close();
});

test("PREPARE: false prepares no statement", async () => {
  for (const PREPARE of [true, false]) {
    const db = await connected({ PREPARE, POOL_SIZE: 1 });
    await db.createDb();
    for (let round = 0; round < 3; round++) {
      await db.query(Star).getOrCreate({ filterBy: { id: 1n }, name: "a" });
      await db.query(Star).findAll({ filterBy: { visits: round } });
      await db.query(Star).bulkInsert([{ id: 2n, name: "b" }]);
      await db.query(Star).bulkUpsert([{ id: 2n, mag: round }]);
    }
    const [{ count } = { count: -1n }] = await db.sql<
      { count: bigint }
    >`select count(*) from pg_prepared_statements`;
    assert.equal(count > 0n, PREPARE);
    await db.dropDb();
    await db.close();
  }
});

test("a pg.Pool or PGlite of the caller is used, and close leaves it open", async () => {
  const pool = new pg.Pool(clientConfig());
  const pglite = await freshPglite();
  for (const client of [pool, pglite]) {
    const db = new SQLConnection({
      models: SUITE_MODELS,
      client,
      config: { SCHEMA: freshSchema() },
    });
    await db.connect();
    await db.createDb();
    assert.equal(
      (await db.query(Star).bulkInsert([{ id: 1n, name: "a" }])).inserted,
      1,
    );
    await db.dropDb();
    await db.close();
  }
  assert.equal((await pool.query("select 1 as one")).rows[0].one, 1);
  assert.equal(pglite.closed, false);
  await pool.end();
  await pglite.close();
  await assert.rejects(
    new SQLConnection({ client: {} }).connect({ ENGINE: "pglite" }),
    /client must be a PGlite/,
  );
});

test("many connections on a pool of the caller add one listener to it, and none to its clients", async () => {
  const client = new pg.Pool({ ...clientConfig(), max: 1 });
  const listeners = async (): Promise<object> => {
    const pooled = await client.connect();
    const counts = pooled.eventNames().map((event) =>
      [event, pooled.listenerCount(event)] as const
    );
    pooled.release();
    return Object.fromEntries(counts);
  };
  const before = await listeners();
  for (let count = 0; count < 3; count++) {
    const db = new SQLConnection({ models: [Star], client });
    await db.connect({ SCHEMA: freshSchema() });
    await db.createDb();
    await db.query(Star).bulkInsert([{ id: 1n, name: "a" }]);
    await db.dropDb();
    await db.close();
  }
  assert.equal(client.listenerCount("error"), 1);
  assert.deepEqual(await listeners(), before);
  await client.end();
});

/** Runs work on a connection of its own. */
async function onServer<T>(
  settings: object,
  work: (db: SQLConnection) => Promise<T>,
): Promise<T> {
  const db = new SQLConnection();
  await db.connect(settings);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/** Asserts that a lost answer is noticed over TLS, and a long statement not cut. */
async function assertDeadPeerNoticed(
  port: number,
  settings: object,
): Promise<void> {
  const before = { ...TIMES };
  Object.assign(TIMES, {
    tick: 20,
    silentTicks: 3,
    answer: 10_000,
    grace: 300,
  });
  const proxy = startSwallowingProxy(port);
  try {
    await onServer({ ...settings, PORT: proxy.port }, async (db) => {
      await db.sql`select pg_sleep(0.4)`;
      // The answer of the next message is lost: it must not be one of the connection that watched the server.
      await untilEqual("the open connections", () => proxy.open(), 1);
      proxy.swallowAnswersTo("");
      await assert.rejects(db.sql`select 1`, ConnectionError);
      await db.sql`select 1`;
    });
  } finally {
    proxy.close();
    Object.assign(TIMES, before);
  }
}

test("TLS is used if the settings require it, and an untrusted certificate is rejected", async () => {
  const named = [{ name: "commonName", value: "localhost" }];
  const ca = await generate([{ name: "commonName", value: "test authority" }], {
    extensions: [{ name: "basicConstraints", cA: true, critical: true }],
  });
  const { private: key, cert } = await generate(named, {
    ca: { key: ca.private, cert: ca.cert },
    extensions: [{
      name: "subjectAltName",
      altNames: [{ type: 2, value: "localhost" }, { type: 7, ip: "127.0.0.1" }],
    }],
  });
  const server = await startPostgres(["ssl=on"], {
    "server.key": key,
    "server.crt": cert,
  });
  const settings = { ...settingsOf(server), CONNECT_TIMEOUT: 30_000 };
  const { grace } = TIMES;
  TIMES.grace = 60_000;
  try {
    const encrypted = async (SSL: unknown): Promise<boolean> => {
      const db = new SQLConnection();
      await db.connect({ ...settings, SSL });
      const [{ ssl } = { ssl: false }] = await db.sql<
        { ssl: boolean }
      >`select ssl from pg_stat_ssl where pid = pg_backend_pid()`;
      await db.close();
      return ssl;
    };
    assert.equal(await encrypted(false), false);
    assert.equal(await encrypted({ rejectUnauthorized: false }), true);
    assert.equal(await encrypted({ ca: ca.cert }), true);
    await assert.rejects(encrypted(true), ConnectionError);

    const [{ folder } = { folder: "" }] = await onServer(
      { ...settings },
      (db) =>
        db.sql<{ folder: string }>`
          select current_setting('unix_socket_directories') as folder`,
    );
    for (const way of [{ SSL: { ca: ca.cert } }, { HOST: folder }]) {
      const message = await onServer(
        { ...settings, ...way, CALL_TIMEOUT: 100 },
        (db) => db.sql`select pg_sleep(100)`.catch(String),
      );
      assert.match(String(message), /The server canceled the statement/);
    }
    await assertDeadPeerNoticed(server.port, {
      ...settings,
      SSL: { ca: ca.cert },
    });
  } finally {
    TIMES.grace = grace;
    await server.stop();
  }
  const db = new SQLConnection();
  await assert.rejects(db.connect({ ...postgresSettings(), SSL: true }), /SSL/);
});
