// Slow statements are reported, with their plan on request.
import {
  ConfigError,
  connect,
  type Connection,
  type ConnectOptions,
  MongoConnection,
  type SlowQueryEvent,
  SQLConnection,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { pause } from "../../src/base/pause.ts";
import { stars, test } from "../support/connected.ts";
import {
  freshSchema,
  mongoSettings,
  postgres15Settings,
  postgresSettings,
} from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";

const SECRET = "hunter2-s3cret";

/** The slow statements of a connection, in their order. */
interface Watched {
  readonly events: SlowQueryEvent[];
  /** Waits until every statement that was sent is reported. */
  settled(): Promise<void>;
}

/** Opens a connection with ten stars that reports its slow statements. */
async function watched(
  db: Connection,
  settings: object,
  options: ConnectOptions = {},
): Promise<Watched> {
  const events: SlowQueryEvent[] = [];
  let unreported = 0;
  await db.connect(settings, {
    slowQuery: 0,
    onQuery: () => void unreported++,
    onSlowQuery(event) {
      unreported--;
      events.push(event);
    },
    ...options,
  });
  await db.createDb();
  await db.query(Star).bulkInsert(stars(10));
  return {
    events,
    async settled() {
      while (unreported > 0) await pause(5);
    },
  };
}

/** Returns the event of a statement that a call sends. */
async function eventOf(
  { events, settled }: Watched,
  isMeant: (event: SlowQueryEvent) => boolean,
  call: () => Promise<unknown>,
): Promise<SlowQueryEvent> {
  await settled();
  events.length = 0;
  await call();
  await settled();
  const event = events.find(isMeant);
  assert.ok(event, Deno.inspect(events));
  return event;
}

test("only statements that take slowQuery milliseconds are reported", async () => {
  const events: SlowQueryEvent[] = [];
  const db = new SQLConnection({ models: SUITE_MODELS });
  await db.connect({ ...postgresSettings(), SCHEMA: freshSchema() }, {
    slowQuery: 300,
    onSlowQuery: (event) => void events.push(event),
  });
  await db.sql`select 1, pg_sleep(0.4), ${SECRET} as x`;
  const event = events.find(({ text }) => text.includes("pg_sleep"));
  assert.ok(event);
  assert.equal(event.rows, 1);
  assert.ok(event.milliseconds >= 300);
  assert.deepEqual(
    [event.plan, event.planError, event.values],
    [undefined, undefined, undefined],
  );
  await db.close();
});

const SERVERS: readonly (readonly [string, object])[] = [
  ["PostgreSQL 18", postgresSettings()],
  ["PGlite", { ENGINE: "pglite", DB_NAME: "memory://" }],
  ...[postgres15Settings()].flatMap((settings) =>
    settings === undefined ? [] : [["PostgreSQL 15", settings] as const]
  ),
];

for (const [server, settings] of SERVERS) {
  test(`${server} explains reads and writes without their values`, async () => {
    const db = new SQLConnection({ models: SUITE_MODELS });
    const seen = await watched(
      db,
      { ...settings, SCHEMA: freshSchema() },
      { explain: true },
    );
    const queries = db.query(Star);
    const byName = { filterBy: { name: SECRET } };
    const read = await eventOf(
      seen,
      ({ text }) => text.startsWith("select"),
      () => queries.findAll(byName),
    );
    assert.equal(read.planError, undefined);
    assert.match(read.plan ?? "", /(?:Index|Bitmap|Seq) .*\(cost=/);
    assert.match(read.plan ?? "", /\$1/);
    const write = await eventOf(
      seen,
      ({ text }) => text.startsWith("update"),
      () => queries.updateAll({ ...byName, set: { mag: 1 } }),
    );
    assert.match(write.plan ?? "", /^Update on star/);
    const stream = await eventOf(
      seen,
      ({ text }) => text.startsWith("declare"),
      () => Array.fromAsync(queries.stream(byName)),
    );
    assert.match(stream.plan ?? "", /cost=/);
    await seen.settled();
    assert.ok(!Deno.inspect(seen.events, { depth: 9 }).includes(SECRET));
    assert.equal(await queries.count(), 10);
    await db.dropDb();
    await db.close();
  });
}

test("with logValues, a plan has the values", async () => {
  const db = new SQLConnection({ models: SUITE_MODELS });
  const seen = await watched(
    db,
    { ...postgresSettings(), SCHEMA: freshSchema() },
    { explain: true, logValues: true },
  );
  const { plan } = await eventOf(
    seen,
    ({ text }) => text.startsWith("select"),
    () => db.query(Star).findAll({ filterBy: { name: "Vega" } }),
  );
  assert.match(plan ?? "", /'Vega'/);
  await db.dropDb();
  await db.close();
});

test("an EXPLAIN that fails is in the event, and the call succeeds", async () => {
  const db = new SQLConnection({ models: SUITE_MODELS });
  const seen = await watched(
    db,
    { ...postgresSettings(), SCHEMA: freshSchema() },
    { explain: true },
  );
  const { planError, rows } = await eventOf(
    seen,
    ({ text }) => text.includes("from passing"),
    () =>
      db.kysely.transaction().execute(async (tx) => {
        const { sql } = await import("kysely");
        await sql`create temporary table passing (id int) on commit drop`
          .execute(tx);
        await sql`select id from passing where id = ${1}`.execute(tx);
      }),
  );
  assert.match(planError?.message ?? "", /relation "passing" does not exist/);
  assert.equal(rows, 0);
  await db.dropDb();
  await db.close();
});

if (!withoutMongo) {
  test("MongoDB explains reads and writes without their values", async () => {
    const db = new MongoConnection({ models: SUITE_MODELS });
    const seen = await watched(db, mongoSettings(), { explain: true });
    const queries = db.query(Star);
    const read = await eventOf(
      seen,
      ({ text }) => text.startsWith("find"),
      () => queries.findAll({ filterBy: { name: SECRET } }),
    );
    assert.equal(read.planError, undefined);
    assert.match(read.plan ?? "", /COLLSCAN|IXSCAN/);
    const key = await eventOf(
      seen,
      ({ text }) => text.startsWith("find"),
      () => queries.findAll({ filterBy: { id: { in: [1n, 2n] } } }),
    );
    assert.match(key.plan ?? "", /^FETCH\n {2}IXSCAN star_pkey \{"id":1\}$/);
    const groups = await eventOf(
      seen,
      ({ text }) => text.startsWith("aggregate"),
      () => queries.countBy("status", { filterBy: { name: SECRET } }),
    );
    assert.match(groups.plan ?? "", /GROUP|\$group/);
    const write = await eventOf(
      seen,
      ({ text }) => text.startsWith("update"),
      () => queries.updateAll({ filterBy: { name: SECRET }, set: { mag: 1 } }),
    );
    assert.match(write.plan ?? "", /COLLSCAN|IXSCAN/);
    await seen.settled();
    assert.ok(!Deno.inspect(seen.events, { depth: 9 }).includes(SECRET));
    await db.dropDb();
    await db.close();
  });
}

Deno.test("wrong options of slow queries are refused by name", async () => {
  const onSlowQuery = (): void => {};
  const wrong: readonly [object, readonly string[]][] = [
    [{ slowQuery: 5 }, ["onSlowQuery"]],
    [{ onSlowQuery }, ["slowQuery"]],
    [{ slowQuery: -1, onSlowQuery }, ["slowQuery"]],
    [{ slowQuery: "5", onSlowQuery: 3 }, ["slowQuery", "onSlowQuery"]],
    [{ explain: true }, ["explain"]],
    [{ telemetry: 1 }, ["telemetry"]],
    [{ slowQuery: 5, onSlowQuery, explain: 1 }, ["explain"]],
    [{ slowQueries: 5 }, ["slowQueries"]],
  ];
  for (const [options, keys] of wrong) {
    await assert.rejects(
      connect({ ENGINE: "pglite", DB_NAME: "memory://" }, options),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(error.problems.map(({ key }) => key), keys);
        return true;
      },
    );
  }
});
