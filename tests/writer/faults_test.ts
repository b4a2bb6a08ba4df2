// Killed clients and servers, lost answers, and conflicts: a flush is whole or absent, and no row is lost or written twice.
import {
  type Connection,
  ConnectionError,
  createWriter,
  SQLConnection,
  type TransactionOptions,
  type Writer,
} from "@alerce/db-plugins";
import { postgresql } from "@alerce/db-plugins/sql";
import assert from "node:assert/strict";
import { pause } from "../../src/base/pause.ts";
import { test } from "../support/connected.ts";
import {
  freshSchema,
  mongoSettings,
  postgresSettings,
} from "../support/engines.ts";
import { killedClient, openFaults } from "../support/faults/killed_client.ts";
import { Entry, Item, Pair } from "../support/faults/models.ts";
import { test as mongoTest } from "../support/mongo_case.ts";
import { startMongo } from "../support/mongo_server.ts";
import { startProxy } from "../support/proxy.ts";
import { ROUNDS } from "../support/rounds.ts";
import { settingsOf, startPostgres } from "../support/servers.ts";
import { untilEqual } from "../support/waiting.ts";

/** Opens a connection with the tables of the fault tests. */
async function opened(
  settings: Record<string, unknown>,
  createTables = true,
): Promise<Connection> {
  const db = await openFaults(settings);
  if (createTables) await db.createDb();
  return db;
}

function ownSchema(): Record<string, unknown> {
  return { ...postgresSettings(), SCHEMA: freshSchema() };
}

/** Hands over one batch of two tables. */
function handOver(writer: Writer, batch: number, rows = 50): void {
  const ids = Array.from({ length: rows }, (_, n) => BigInt(batch * 1_000 + n));
  writer.insert(Item, ids.map((id) => ({ id, op: `${batch}` })));
  writer.upsert(Pair, ids.map((id) => ({ id, op: `${batch}` })));
}

async function countsOf(db: Connection): Promise<number[]> {
  return [await db.query(Item).count(), await db.query(Pair).count()];
}

/** Registers a test of a writer that holds one batch, and whose first commit gets no answer. */
function lostAnswerTest(
  name: string,
  fn: (writer: Writer, direct: Connection) => Promise<void>,
): void {
  test(`postgresql: ${name}`, async () => {
    const settings = ownSchema();
    await using direct = await opened(settings);
    const proxy = startProxy(Number(settings.PORT), "commit\0", undefined, 1);
    try {
      await using db = await opened({ ...settings, PORT: proxy.port }, false);
      await using writer = createWriter(db);
      handOver(writer, 0);
      await fn(writer, direct);
    } finally {
      proxy.close();
      await direct.dropDb();
    }
  });
}

lostAnswerTest(
  "a flush whose commit got no answer is repeated if its rows have keys, and then nothing is written twice",
  async (writer, direct) => {
    assert.deepEqual(await writer.flush(), {
      inserted: 0,
      updated: 0,
      ignored: 100,
      rejected: 0,
    });
    assert.equal(writer.stats.retries, 1);
    assert.deepEqual(await countsOf(direct), [50, 50]);
  },
);

lostAnswerTest(
  "a flush whose commit got no answer reports an unknown outcome if a table has no key",
  async (writer, direct) => {
    writer.insert(Entry, [{ op: "a", n: 1 }]);
    await assert.rejects(
      writer.flush(),
      (error) =>
        error instanceof ConnectionError && error.outcome === "unknown",
    );
    assert.equal(writer.stats.retries, 0);
    assert.equal(await direct.query(Entry).count(), 1);
  },
);

test("postgresql: a flush that is rolled back by a deadlock is repeated", async () => {
  const settings = { ...postgresSettings(), DB_NAME: freshSchema() };
  await postgresql.createDatabase?.(settings, "");
  await using watcher = new SQLConnection();
  await watcher.connect(settings);
  await using db = await opened(settings);
  await db.query(Item).insert({ id: 1n, op: "old" });
  await db.query(Pair).insert({ id: 1n, op: "old" });
  await using writer = createWriter(db);
  const [locked, waiting] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ];
  const other = db.transaction(async (tx) => {
    await tx.query(Pair).updateAll({ filterBy: {}, set: { op: "other" } });
    locked.resolve();
    await waiting.promise;
    await tx.query(Item).updateAll({ filterBy: {}, set: { op: "other" } });
  });
  await locked.promise;
  writer.upsert(Item, [{ id: 1n, op: "new" }]);
  writer.upsert(Pair, [{ id: 1n, op: "new" }]);
  const flushed = writer.flush();
  // The flush holds the item, and waits for the pair.
  await untilEqual("a wait for a lock", async () => {
    const rows = await watcher.sql`select from pg_stat_activity
      where wait_event_type = 'Lock' and datname = current_database()`;
    return rows.length;
  }, 1);
  waiting.resolve();
  const results = await Promise.allSettled([flushed, other]);
  assert.equal(results[0]?.status, "fulfilled");
  // The server chooses the transaction that it rolls back.
  assert.equal(
    writer.stats.retries,
    results[1]?.status === "fulfilled" ? 1 : 0,
  );
  assert.equal((await db.query(Item).first())?.op, "new");
  assert.equal((await db.query(Pair).first())?.op, "new");
});

/** Writes batches while a server is killed and restarted, and checks that every row is stored once. */
async function throughRestart(
  db: Connection,
  server: { kill(): Promise<void>; restart(): Promise<void> },
): Promise<void> {
  await using writer = createWriter(db, { retries: 200 });
  let acknowledged = 0;
  let restarted: Promise<void> | undefined;
  for (let batch = 0; batch < 30; batch++) {
    handOver(writer, batch, 300);
    if (batch === 10) {
      restarted = pause(5).then(async () => {
        await server.kill();
        await server.restart();
      });
    }
    await writer.flush();
    acknowledged++;
  }
  await restarted;
  assert.ok(writer.stats.retries > 0);
  assert.deepEqual(await countsOf(db), [
    300 * acknowledged,
    300 * acknowledged,
  ]);
  assert.equal(writer.stats.rows, 600 * 30);
}

test("postgresql: no row is lost or written twice when the server is killed", async () => {
  const server = await startPostgres();
  try {
    await using db = await opened({
      ...settingsOf(server),
      CONNECT_TIMEOUT: 30_000,
    });
    await throughRestart(db, server);
  } finally {
    await server.stop();
  }
});

mongoTest(
  "mongodb: no row is lost or written twice when the server is killed",
  async () => {
    const server = await startMongo();
    try {
      await using db = await opened({
        URL: server.url,
        DATABASE: "d",
        SERVER_SELECTION_TIMEOUT_MS: 5_000,
      });
      await throughRestart(db, server);
    } finally {
      await server.stop();
    }
  },
);

/** @param snapshot makes the reads of a transaction see one state */
async function throughKills(
  settings: Record<string, unknown>,
  snapshot: TransactionOptions,
): Promise<void> {
  await using db = await opened(settings);
  for (let run = 0; run < 2 * ROUNDS; run++) {
    const acknowledged = await killedClient(
      "writer/child.ts",
      3,
      settings,
      run,
    );
    assert.ok(acknowledged.length >= 3);
    // The last flush may be committed at any time after its client was killed: a snapshot has all of it or nothing.
    await db.transaction(async (tx) => {
      const stored = await tx.query(Entry).countBy("op");
      for (const [op, rows] of stored) {
        assert.equal(rows, 1_500, op);
        assert.equal(await tx.query(Item).count({ filterBy: { op } }), 1, op);
        assert.equal(await tx.query(Pair).count({ filterBy: { op } }), 1, op);
      }
      assert.equal(await tx.query(Item).count(), stored.size);
      for (const op of acknowledged) assert.ok(stored.has(op), op);
    }, snapshot);
  }
}

test("postgresql: a client killed in the middle of a flush leaves the whole flush or nothing", async () => {
  await throughKills(ownSchema(), { isolationLevel: "repeatable read" });
});

mongoTest(
  "mongodb: a client killed in the middle of a flush leaves the whole flush or nothing",
  async () => {
    await throughKills(mongoSettings(), {});
  },
);
