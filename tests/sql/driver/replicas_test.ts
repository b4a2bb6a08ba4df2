// Reads on replicas, on a primary with two streaming standbys.
import {
  ConnectionError,
  type ConnectOptions,
  DatabaseError,
  type QueryEvent,
  type ReplicaEvent,
  SQLConnection,
} from "@alerce/db-plugins";
import { exportRows } from "@alerce/db-plugins/export";
import {
  Place,
  Sighting,
  Star,
  SUITE_MODELS,
} from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import pg from "pg";
import { pause } from "../../../src/base/pause.ts";
import { TIMES } from "../../../src/sql/driver/replica_times.ts";
import { stars, test } from "../../support/connected.ts";
import { clientConfig, postgresSettings } from "../../support/engines.ts";
import { postgres18 } from "../../support/postgres_programs.ts";
import {
  CLOSED_PORT,
  type PostgresServer,
  settingsOf,
  startPostgres,
} from "../../support/servers.ts";
import { startFaultProxy } from "../../support/faults/proxy.ts";
import { between, pick, randomNumbers } from "../../support/faults/random.ts";
import { FAULT_SEED } from "../../support/faults/time.ts";
import { startSwallowingProxy } from "../../support/swallowing_proxy.ts";
import { until as untilHolds } from "../../support/waiting.ts";

// A busy server answers late.
Object.assign(TIMES, { checked: 200, answer: 60_000, failed: 300, behind: 50 });

type Db = SQLConnection<typeof SUITE_MODELS>;

/** What happened on a connection. */
interface Seen {
  /** The ports of statements, in their order. */
  readonly ports: number[];
  readonly changes: ReplicaEvent[];
}

let primary: PostgresServer;
let replicas: [PostgresServer, PostgresServer];
let databases = 0;

Deno.test.beforeAll(async () => {
  const settings = [
    ...["wal_retrieve_retry_interval=100ms", "hot_standby_feedback=off"],
    ...["max_standby_streaming_delay=50ms", "autovacuum=off"],
  ];
  // A copy of the data of the other server would be of the same cluster.
  primary = await startPostgres(settings, {}, postgres18());
  replicas = [await primary.standby(), await primary.standby()];
});

Deno.test.afterAll(async () => {
  for (const server of [...replicas, primary]) await server.stop();
});

/** Runs SQL on a server. */
async function ask(
  server: PostgresServer,
  text: string,
  database: string = "postgres",
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({
    ...clientConfig(settingsOf(server)),
    database,
  });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  return untilHolds(String(holds), holds);
}

/** Waits until a replica has all that the primary has written. */
async function caughtUp(servers: readonly PostgresServer[]): Promise<void> {
  const [row] = await ask(primary, "select pg_current_wal_lsn()::text as lsn");
  for (const server of servers) {
    await until(async () => {
      const [state] = await ask(
        server,
        `select pg_last_wal_replay_lsn() >= '${row?.lsn}' as is_there`,
      );
      return state?.is_there === true;
    });
  }
}

/** Opens a connection with ten stars in a database of its own, which the replicas have. */
async function connected(
  given: readonly unknown[] = replicas.map(({ port }) => ({
    HOST: "127.0.0.1",
    PORT: port,
  })),
  more: object = {},
  options: ConnectOptions = {},
): Promise<{ db: Db; seen: Seen; settings: Record<string, unknown> }> {
  const name = `replicated_${++databases}`;
  await ask(primary, `create database ${name}`);
  const settings = {
    ...settingsOf(primary),
    DB_NAME: name,
    REPLICAS: given,
    ...more,
  };
  const seen: Seen = { ports: [], changes: [] };
  const db = new SQLConnection({ models: SUITE_MODELS });
  await db.connect(settings, {
    onQuery: ({ server }: QueryEvent) =>
      void seen.ports.push(Number(/:(\d+),/.exec(server ?? "")?.[1])),
    onReplicaChange: (event) => void seen.changes.push(event),
    ...options,
  });
  await db.createDb();
  await db.query(Star).bulkInsert(stars(10));
  await caughtUp(replicas);
  seen.ports.length = 0;
  return { db, seen, settings };
}

const ports = () => replicas.map(({ port }) => port).toSorted();

/** The servers of the statements since the last question, each once. */
function used({ ports }: Seen): number[] {
  return [...new Set(ports.splice(0))].toSorted();
}

test("reads go to every replica, and writes, transactions and commits to the primary", async () => {
  const { db, seen } = await connected();
  const queries = db.query(Star);
  const reads: (() => Promise<unknown>)[] = [
    () => queries.find(),
    () => queries.findAll({ filterBy: { id: 1n } }),
    () => queries.first({ include: ["sightings"] }),
    () => queries.findOne({ filterBy: { id: 1n } }),
    () => queries.checkExists(),
    () => queries.count(),
    () => queries.countBy("status"),
    () => queries.distinct("name", { timeout: 60_000 }),
    () => Array.fromAsync(queries.stream({ batchSize: 3 })),
    () => Array.fromAsync(queries.stream({ batchSize: 3, timeout: 60_000 })),
  ];
  for (const read of reads) {
    await read();
    const [port, ...others] = used(seen);
    assert.ok(port !== undefined && ports().includes(port), String(read));
    assert.deepEqual(others, [], "one call uses one server");
  }
  await Promise.all(Array.from({ length: 20 }, () => queries.count()));
  assert.deepEqual(used(seen), ports());
  const [first] = await queries.findAll({ filterBy: { id: 1n } });
  assert.ok(first);
  used(seen);
  const folder = await Deno.makeTempDir();
  const writes: (() => Promise<unknown>)[] = [
    () => queries.getOrCreate({ filterBy: { id: 1n } }),
    () => queries.insert({ id: 100n, name: "x" }),
    () => queries.bulkUpsert(stars(12)),
    () => queries.bulkUpdate([{ id: 1n, mag: 1 }]),
    () => queries.updateAll({ filterBy: { id: 1n }, set: { mag: 2 } }),
    () => queries.deleteAll({ filterBy: { id: 11n } }),
    () => {
      queries.update(first, { mag: 3 });
      return db.session.commit();
    },
    () => db.transaction((tx) => tx.query(Star).count()),
    () => db.transaction((tx) => tx.query(Star).find(), { readOnly: true }),
    () => db.sql`select count(*) from star`,
    () => queries.findAll({ on: "primary" }),
    () => queries.find({ on: "primary", timeout: 60_000 }),
    () => Array.fromAsync(queries.stream({ on: "primary" })),
    () =>
      exportRows(db, Place, join(folder, "places"), {
        partitionBy: { healpix: 1 },
        on: "primary",
      }),
  ];
  for (const write of writes) {
    await write();
    assert.deepEqual(used(seen), [primary.port], String(write));
  }
  await Deno.remove(folder, { recursive: true });
  const view = db.use((statement, next) => next(statement)).query(Star);
  await view.count();
  await Array.fromAsync(view.stream());
  assert.ok(!used(seen).includes(primary.port), "through middleware");
  assert.deepEqual(seen.changes, []);
  await db.close();
});

test("reads use the pools of replicas that the caller made, and closing leaves them open", async () => {
  const { db: other, settings } = await connected([]);
  await other.close();
  const poolOf = (server: PostgresServer) =>
    new pg.Pool({
      ...clientConfig(settingsOf(server)),
      database: String(settings.DB_NAME),
    });
  const client = poolOf(primary);
  const pools = replicas.map(poolOf);
  const seen: Seen = { ports: [], changes: [] };
  const db = new SQLConnection({
    models: SUITE_MODELS,
    client,
    replicas: pools,
  });
  await db.connect({ MAX_LAG: 20_000 }, {
    onQuery: ({ server }) =>
      void seen.ports.push(Number(/:(\d+),/.exec(server ?? "")?.[1])),
    onReplicaChange: (event) => void seen.changes.push(event),
  });
  const queries = db.query(Star);
  // A replica that is slow to answer the first check is left out for a time.
  await until(async () => {
    await queries.count();
    return ports().every((port) => seen.ports.includes(port));
  });
  seen.ports.length = 0;
  seen.changes.length = 0;
  for (let count = 0; count < 20; count++) await queries.count();
  await Promise.all(Array.from({ length: 20 }, () => queries.findAll()));
  assert.deepEqual(used(seen), ports());
  await queries.bulkUpsert([{ id: 200n, name: "y" }]);
  assert.ok(used(seen).every((port) => !ports().includes(port)));
  assert.equal(await queries.count({ on: "primary" }), 11);
  // A pool that the caller ended is left out.
  await pools[0]?.end();
  for (let count = 0; count < 10; count++) {
    assert.equal((await queries.findAll({ filterBy: { id: 1n } })).length, 1);
  }
  assert.deepEqual(
    seen.changes.map(({ server, state }) => [server, state]),
    [[
      `PostgreSQL at 127.0.0.1:${
        replicas[0].port
      }, database ${settings.DB_NAME}`,
      "left out",
    ]],
  );
  await db.close();
  assert.equal((await pools[1]?.query("select 1 as one"))?.rows[0].one, 1);
  assert.equal((await client.query("select 1 as one")).rows[0].one, 1);
  await pools[1]?.end();
  await client.end();
});

test("replicas of the caller that are no pools, or have no client beside them, are refused", async () => {
  const pool = new pg.Pool();
  for (
    const [parts, message] of [
      [
        { client: pool, replicas: [pool, {}] },
        /replicas\[1\] must be a pg.Pool/,
      ],
      [{ client: pool, replicas: pool }, /must be an array of pg.Pool/],
      [{ replicas: [pool] }, /requires a pg.Pool as client/],
    ] as const
  ) {
    const given: object = parts;
    await assert.rejects(
      new SQLConnection(given).connect(
        "client" in parts ? {} : postgresSettings(),
      ),
      message,
    );
  }
  await assert.rejects(
    new SQLConnection({ client: pool }).connect({
      REPLICAS: ["postgres://x:1"],
    }),
    /pass the pools of the replicas as the option replicas/,
  );
  await pool.end();
});

test("a read may miss the last write, unless it is on the primary", async () => {
  const { db } = await connected();
  for (const server of replicas) {
    await ask(server, "select pg_wal_replay_pause()");
  }
  try {
    await db.query(Star).insert({ id: 77n, name: "new" });
    const byKey = { filterBy: { id: 77n } };
    assert.equal(await db.query(Star).findOne(byKey), null);
    assert.equal(await db.query(Star).count({ on: "any" }), 10);
    const row = await db.query(Star).findOne({ ...byKey, on: "primary" });
    assert.equal(row?.name, "new");
  } finally {
    for (const server of replicas) {
      await ask(server, "select pg_wal_replay_resume()");
    }
  }
  await db.close();
});

test("a replica that is behind by more than MAX_LAG is left out, and one of a quiet primary is not", async () => {
  const [one] = replicas;
  const { db, seen } = await connected(undefined, { MAX_LAG: 1_500 });
  await pause(2_000);
  // A busy machine can be late now and then.
  await until(async () => {
    used(seen);
    await Promise.all(Array.from({ length: 20 }, () => db.query(Star).count()));
    return used(seen).join() === ports().join();
  });
  await ask(one, "select pg_wal_replay_pause()");
  try {
    await db.query(Star).insert({ id: 77n, name: "new" });
    await pause(2_000);
    used(seen);
    for (let read = 0; read < 20; read++) {
      assert.equal(await db.query(Star).count(), 11);
    }
    assert.ok(!used(seen).includes(one.port));
  } finally {
    await ask(one, "select pg_wal_replay_resume()");
  }
  const late = seen.changes.find(({ server }) =>
    server.includes(`:${one.port},`)
  );
  assert.equal(late?.state, "left out");
  assert.match(late.reason ?? "", /^is behind by \d+ ms, more than MAX_LAG/);
  await until(async () => {
    used(seen);
    await Promise.all(Array.from({ length: 20 }, () => db.query(Star).count()));
    return used(seen).includes(one.port);
  });
  assert.ok(seen.changes.some(({ state }) => state === "in use"));
  await db.close();
});

test("reads go elsewhere while a replica is down, and back after it has started again", async () => {
  const [one, two] = replicas;
  const { db, seen } = await connected();
  await Promise.all(Array.from({ length: 20 }, () => db.query(Star).count()));
  await one.kill();
  used(seen);
  const counts = await Promise.all(
    Array.from({ length: 40 }, () => db.query(Star).count()),
  );
  assert.deepEqual(new Set(counts), new Set([10]));
  for (let read = 0; read < 10; read++) {
    const rows = await Array.fromAsync(db.query(Star).stream());
    assert.equal(rows.length, 10);
  }
  used(seen);
  await db.query(Star).find();
  assert.deepEqual(used(seen), [two.port]);
  assert.deepEqual(seen.changes.map(({ state }) => state), ["left out"]);
  await two.kill();
  assert.equal(await db.query(Star).count(), 10);
  assert.equal(seen.ports.at(-1), primary.port);
  await Promise.all([one.restart(), two.restart()]);
  await until(async () => {
    await db.query(Star).count();
    return seen.changes.filter(({ state }) => state === "in use").length === 2;
  });
  await db.close();
});

test("a stream whose replica is lost fails after its first rows, and the next one works", async () => {
  const [one] = replicas;
  const { db } = await connected([{ HOST: "127.0.0.1", PORT: one.port }]);
  await db.query(Star).bulkInsert(stars(5_000));
  await caughtUp(replicas);
  let count = 0;
  await assert.rejects(async () => {
    for await (const _star of db.query(Star).stream({ batchSize: 100 })) {
      if (count++ === 0) await one.kill();
    }
  }, ConnectionError);
  assert.ok(count >= 100 && count < 5_000);
  const rows = await Array.fromAsync(db.query(Star).stream());
  assert.equal(rows.length, 5_000);
  await one.restart();
  await db.close();
});

test("every read gives its rows while the connections of a replica break at any message", async () => {
  const [one] = replicas;
  const seed = FAULT_SEED;
  const random = randomNumbers(seed);
  const plan = Array.from({ length: 200 }, () => ({
    nth: between(random, 40, 200),
    action: pick(random, ["cut before", "cut after", "reset"] as const),
  }));
  await using proxy = startFaultProxy({
    port: one.port,
    protocol: "postgresql",
    plan,
  });
  const { db, seen } = await connected([
    { HOST: "127.0.0.1", PORT: proxy.port },
  ]);
  const end = performance.now() + 3_000;
  const usesBoth = () =>
    [proxy.port, primary.port].every((port) => seen.ports.includes(port));
  while (
    performance.now() < end || proxy.faults.length < 5 || !usesBoth()
  ) {
    const id = BigInt(between(random, 0, 9));
    const reads = await Promise.all([
      db.query(Star).findOne({ filterBy: { id } }).then((row) => row?.name),
      db.query(Star).count({ timeout: 60_000 }),
      db.query(Star).find({ perPage: 3 }).then(({ total }) => total),
      db.query(Star).first({ filterBy: { id }, include: ["sightings"] })
        .then((row) => row?.sightings.length),
    ]);
    assert.deepEqual(reads, [`s${id}`, 10, 10, 0], `seed ${seed}`);
  }
  await db.close();
});

test("a replica that refuses the login, or does not answer, costs no read, and no password is shown", async () => {
  const [one] = replicas;
  const SECRET = "hunter2-s3cret";
  const proxy = startSwallowingProxy(one.port);
  proxy.swallowAll();
  const { answer } = TIMES;
  TIMES.answer = 1_000;
  const { db, seen } = await connected([
    `postgres://postgres:${SECRET}@127.0.0.1:${one.port}`,
    { HOST: "127.0.0.1", PORT: proxy.port },
    { HOST: "127.0.0.1", PORT: CLOSED_PORT },
  ]);
  assert.equal(await db.query(Star).count(), 10);
  assert.deepEqual(used(seen), [primary.port]);
  await until(() => seen.changes.length === 3);
  const reasons = seen.changes.map(({ reason = "" }) => reason).toSorted();
  assert.match(reasons[0] ?? "", /^Cannot connect to .*: connection refused/);
  assert.match(reasons[1] ?? "", /^Cannot log in to PostgreSQL at 127/);
  assert.match(reasons[2] ?? "", /^gave no answer within 1000 ms/);
  assert.ok(!Deno.inspect(seen.changes, { depth: 9 }).includes(SECRET));
  TIMES.answer = answer;
  await db.close();
  proxy.close();
});

test("what a replica does not have yet, or cancels, is read on the primary", async () => {
  const [one] = replicas;
  const { db, seen } = await connected([{ HOST: "127.0.0.1", PORT: one.port }]);
  await db.query(Star).count();
  const name = `replicated_${databases}`;
  await ask(primary, "drop table sighting", name);
  await caughtUp([one]);
  used(seen);
  // The primary's own error counts.
  await assert.rejects(
    db.query(Sighting).findAll(),
    ({ message }: Error) =>
      new RegExp(`Missing table at PostgreSQL at 127.0.0.1:${primary.port}`)
        .test(message),
  );
  assert.deepEqual(used(seen), [primary.port, one.port].toSorted());
  assert.deepEqual(seen.changes, []);
  // A cursor needs rows that the replay removes.
  let count = 0;
  await assert.rejects(
    async () => {
      for await (const _star of db.query(Star).stream({ batchSize: 1 })) {
        if (count++ > 0) continue;
        await ask(primary, "delete from star", name);
        await ask(primary, "vacuum full star", name);
        await caughtUp([one]);
      }
    },
    (error) =>
      error instanceof ConnectionError ||
      (error instanceof DatabaseError &&
        /hot_standby_feedback/.test(error.message)),
  );
  assert.equal(await db.query(Star).count(), 0);
  await db.close();
});

test("a server of another cluster, and a primary, are no replicas", async () => {
  const { USER, PASSWORD, HOST, PORT } = postgresSettings();
  const { db, seen, settings } = await connected([
    { HOST, PORT, USER, PASSWORD },
    { HOST: "127.0.0.1", PORT: primary.port },
  ]);
  assert.equal(await db.query(Star).count(), 10);
  await until(() => seen.changes.length === 2);
  const reasons = seen.changes.map(({ reason = "" }) => reason).join("; ");
  assert.match(reasons, /accepts writes/);
  // The other server has no such database.
  assert.match(reasons, /database "replicated_\d+" does not exist/);
  const { REPLICAS: _, ...alone } = settings;
  const other = new SQLConnection({ models: SUITE_MODELS });
  const changes: ReplicaEvent[] = [];
  await other.connect(
    {
      ...alone,
      DB_NAME: "postgres",
      REPLICAS: [{ HOST, PORT, USER, PASSWORD }],
    },
    { onReplicaChange: (event) => void changes.push(event) },
  );
  await other.query(Star).checkExists().catch(() => {});
  await until(() => changes.length === 1);
  assert.match(changes[0]?.reason ?? "", /belongs to another cluster/);
  await other.close();
  await db.close();
});

test("a promoted replica is left out", async () => {
  const [one, two] = replicas;
  const { db, seen } = await connected();
  await Promise.all(Array.from({ length: 20 }, () => db.query(Star).count()));
  await ask(two, "select pg_promote()");
  await until(async () => {
    await db.query(Star).count();
    return seen.changes.length > 0;
  });
  used(seen);
  await Promise.all(Array.from({ length: 20 }, () => db.query(Star).count()));
  assert.deepEqual(used(seen), [one.port]);
  assert.match(
    seen.changes[0]?.reason ?? "",
    /accepts writes: it was promoted/,
  );
  await db.close();
});
