// Closing a connection ends what waits for the server, for other calls or for the program itself, and waits for nothing.
import {
  type Connection,
  ConnectionError,
  SQLConnection,
} from "@alerce/db-plugins";
import { migrate } from "@alerce/db-plugins/migrate";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { pause } from "../../src/base/pause.ts";
import { connected, stars, test } from "../support/connected.ts";
import {
  freshSchema,
  mongoEngine,
  pgliteEngine,
  postgresEngine,
  postgresSettings,
} from "../support/engines.ts";
import { memoryEngine } from "../memory/engine.ts";
import { withoutMongo } from "../support/mongo_server.ts";

const ENGINES = [
  postgresEngine,
  pgliteEngine,
  memoryEngine,
  ...withoutMongo ? [] : [mongoEngine],
];

/** Rows whose source waits longer than a test. */
async function* waitingRows(
  wait: () => Promise<unknown>,
): AsyncGenerator<{ id: bigint; name: string }> {
  yield* stars(3);
  await wait();
}

/** Milliseconds that a busy machine may need to close a connection. What calls wait for takes longer. */
const AT_ONCE = 15_000;

/**
 * Asserts that closing makes the call fail at once.
 *
 * @param reached the call has reached the place where it waits
 */
async function assertEndsAtClose(
  db: Connection,
  call: Promise<unknown>,
  reached: Promise<unknown>,
): Promise<void> {
  const outcome = call.then(() => "ended", (error) => error);
  await Promise.race([reached, outcome]);
  const start = performance.now();
  await db.close();
  const error = await outcome;
  assert.ok(error instanceof ConnectionError, String(error));
  assert.match(
    error.message,
    /was closed while this call was running; is an await missing\?/,
  );
  assert.ok(performance.now() - start < AT_ONCE, "it waited");
}

for (const { name, open } of ENGINES) {
  // The engine in memory has no migrations.
  if (open === memoryEngine.open) continue;
  test(`${name}: no function of migrations works after the connection is closed`, async () => {
    const db = await open(SUITE_MODELS);
    const target = db.migrations();
    const { release, ...session } = await target.lock({
      wait: 0,
      onEvent() {},
      toolVersion: "0.0.0",
    });
    await release();
    await db.close();
    const members = [target, session].flatMap((part) => Object.entries(part));
    for (const [name, value] of members) {
      if (typeof value !== "function") continue;
      const late: unknown = Reflect.apply(value, target, []);
      assert.ok(late instanceof Promise, name);
      await assert.rejects(late, ConnectionError, name);
    }
  });
}

for (const { name, open } of ENGINES) {
  test(`${name}: a call that waits for the program itself ends when the connection is closed`, async () => {
    const released = Promise.withResolvers<void>();
    const waiting: ((
      db: Connection,
      wait: () => Promise<void>,
    ) => Promise<unknown>)[] = [
      (db, wait) => db.query(Star).bulkInsert(waitingRows(wait)),
      (db, wait) => db.query(Star).bulkUpsert(waitingRows(wait)),
      (db, wait) => db.query(Star).bulkUpdate(waitingRows(wait)),
      (db, wait) =>
        db.transaction(async (tx) => {
          await tx.query(Star).count();
          await wait();
        }),
      (db, wait) =>
        db.transaction((tx) =>
          tx.transaction(async (inner) => {
            await inner.query(Star).bulkInsert(stars(2));
            await wait();
          })
        ),
    ];
    for (const call of waiting) {
      const db = await open(SUITE_MODELS);
      await db.createDb();
      const reached = Promise.withResolvers<void>();
      const running = call(db, () => {
        reached.resolve();
        return released.promise;
      });
      await assertEndsAtClose(db, running, reached.promise);
    }
    released.resolve();
  });
}

test("calls that wait for a lock or for a client of the pool end when the connection is closed", async () => {
  const SCHEMA = freshSchema();
  const holder = await connected({ SCHEMA });
  await holder.query(Star).bulkInsert(stars(3));
  const [held, release] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ];
  const holding = holder.transaction(async (tx) => {
    await tx.query(Star).updateAll({ filterBy: {}, set: { mag: 1 } });
    held.resolve();
    await release.promise;
  });
  await held.promise;
  const waiting: ((db: Connection) => Promise<unknown>)[] = [
    (db) => db.query(Star).updateAll({ filterBy: {}, set: { mag: 2 } }),
    (db) =>
      db.query(Star).bulkUpsert(stars(2).map((row) => ({ ...row, mag: 3 }))),
    (db) =>
      db.transaction((tx) =>
        tx.query(Star).deleteAll({ filterBy: { id: 1n } })
      ),
    (db) =>
      Promise.all([
        db.query(Star).deleteAll({ filterBy: { id: 1n } }).catch(() => {}),
        db.query(Star).count(),
      ]),
    async (db) => {
      const row = await db.query(Star).findOne({ filterBy: { id: 1n } });
      assert.ok(row);
      db.query(Star).update(row, { mag: 4 });
      await db.session.commit();
    },
  ];
  // The server can hold the statements of closed connections for a while.
  const known = new Set<number>();
  const untilNextWaits = async (): Promise<void> => {
    for (let found = 0; found === 0; await pause(5)) {
      const rows = await holder.sql<{ pid: number }>`
        select pid from pg_stat_activity
        where wait_event_type = 'Lock' and query like ${`%${SCHEMA}%`}`;
      const others = rows.filter(({ pid }) => !known.has(pid));
      for (const { pid } of others) known.add(pid);
      found = others.length;
    }
  };
  for (const call of waiting) {
    const db = await connected({ SCHEMA, POOL_SIZE: 1 });
    // The first write of a model reads the catalogs, and would let the count pass.
    await db.query(Star).deleteAll({ filterBy: { id: 99n } });
    await assertEndsAtClose(db, call(db), untilNextWaits());
  }
  release.resolve();
  await holding;
  await holder.dropDb();
  await holder.close();
});

test("a write that waits for a free client when the connection is closed is not applied", async () => {
  const db = await connected({ POOL_SIZE: 1 });
  const query = db.query(Star);
  // Calls with a time limit share no client with others.
  const limit = { timeout: 60_000 };
  const writesOf = (id: bigint) => {
    const row = { id, name: `star ${id}` };
    const filterBy = { id };
    return {
      insert: () => query.insert(row, limit),
      getOrCreate: () => query.getOrCreate({ filterBy, name: "two" }, limit),
      bulkInsert: () => query.bulkInsert([row], limit),
      bulkUpsert: () => query.bulkUpsert([row], limit),
      bulkUpdate: () => query.bulkUpdate([row], limit),
      updateAll: () => query.updateAll({ filterBy, set: { mag: 1 }, ...limit }),
      deleteAll: () => query.deleteAll({ filterBy, ...limit }),
      "many rows": () => query.bulkInsert(stars(3_000)),
      transaction: () => db.transaction((tx) => tx.query(Star).insert(row)),
    };
  };
  // What the catalogs say about the table is known.
  for (const write of Object.values(writesOf(1n))) {
    await write().catch(() => {});
  }
  const [held, end] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ];
  const holding = db.transaction(async (tx) => {
    await tx.query(Star).count();
    held.resolve();
    await end.promise;
  });
  await held.promise;
  const writes = Object.entries(writesOf(2n));
  const errors = Promise.all(
    writes.map(([method, write]) =>
      write().then(
        () => [method, "done"],
        (error) => {
          return [method, error.outcome, /check the data/.test(error.message)];
        },
      )
    ),
  );
  await pause(20);
  await db.close();
  end.resolve();
  await assert.rejects(holding, ConnectionError);
  assert.deepEqual(
    await errors,
    writes.map(([method]) => [method, "not applied", false]),
  );
});

test("a connection closes at once while its clients connect", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = Number(postgresSettings().PORT);
  let silent = false;
  let ignored = Promise.withResolvers<void>();
  const forward = async (client: Deno.Conn): Promise<void> => {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    await Promise.allSettled([
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ]);
  };
  const accepting = (async () => {
    for await (const client of listener) {
      if (silent) ignored.resolve();
      else forward(client);
    }
  })();
  const settings = { PORT: listener.addr.port, CONNECT_TIMEOUT: 100_000 };
  const db = await connected(settings);
  silent = true;
  const calls = [1, 2, 3].map(() => db.query(Star).count());
  const key = db.query(Star).findOne({ filterBy: { id: 1n } });
  const all = Promise.allSettled([...calls, key]);
  await assertEndsAtClose(db, calls[2] ?? key, ignored.promise);
  await all;
  ignored = Promise.withResolvers();
  const unopened = new SQLConnection({ models: SUITE_MODELS });
  await assertEndsAtClose(
    unopened,
    unopened.connect({ ...postgresSettings(), ...settings }),
    ignored.promise,
  );
  await assert.rejects(unopened.query(Star).count(), /after it was closed/);
  await unopened.connect(postgresSettings());
  assert.deepEqual(await unopened.sql`select 1 as one`, [{ one: 1 }]);
  await unopened.close();
  listener.close();
  await accepting;
});

test("a call before connect has ended asks for the missing await", async () => {
  const db = new SQLConnection({ models: SUITE_MODELS });
  const connecting = db.connect(postgresSettings());
  await assert.rejects(
    db.query(Star).count(),
    /^ConnectionError: .*before connect.*is an await missing\?/,
  );
  await connecting;
  await db.close();
});

test("migrate ends when the connection is closed, and its record remains", async () => {
  const directory = await Deno.makeTempDir();
  await Deno.mkdir(join(directory, "sql"));
  const file = (direction: string) =>
    join(directory, "sql", `20260101T000000_wait.${direction}.sql`);
  await Deno.writeTextFile(file("up"), "SELECT pg_sleep(101);\n");
  await Deno.writeTextFile(file("down"), "SELECT 1;\n");
  const db = await connected();
  const watcher = await connected();
  const untilSleeps = async (): Promise<void> => {
    for (let isAsleep = false; !isAsleep; await pause(5)) {
      const rows = await watcher.sql`
        select from pg_stat_activity where query like 'SELECT pg_sleep(101)%'`;
      isAsleep = rows.length > 0;
    }
  };
  await assertEndsAtClose(db, migrate(db, { directory }), untilSleeps());
  await watcher.close();
  await Deno.remove(directory, { recursive: true });
});
