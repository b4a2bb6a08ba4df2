// Standalone servers, and servers that crash and restart.
import {
  CheckError,
  ConnectionError,
  DbPluginsError,
  DuplicateKeyError,
  MongoConnection,
  StaleRowError,
  TimeoutError,
  TransactionError,
} from "@alerce/db-plugins";
import { Sighting, Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { mongoSettings } from "../../support/engines.ts";
import { eventually, failedInWords, test } from "../../support/mongo_case.ts";
import { startMongo } from "../../support/mongo_server.ts";
import { standaloneSettings } from "../../support/mongo_standalone.ts";

async function connected(
  settings: object,
): Promise<MongoConnection<typeof SUITE_MODELS>> {
  const db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect({ CONNECT_TIMEOUT: 60_000, ...settings });
  await db.createDb();
  return db;
}

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: BigInt(index),
    name: `star ${index}`,
    notes: "x".repeat(1_000),
  }));

test("a standalone server supports everything but transactions, and the error explains how to get them", async () => {
  await using db = await connected(await standaloneSettings());
  const stars = db.query(Star);
  await assert.rejects(
    db.transaction(() => Promise.resolve()),
    (error) =>
      error instanceof TransactionError && /--replSet/.test(error.message),
  );
  assert.equal((await stars.bulkInsert(many(50))).inserted, 50);
  await assert.rejects(
    stars.bulkInsert([{ id: 70n, name: "x" }, { id: 1n, name: "y" }], {
      onConflict: "error",
    }),
    DuplicateKeyError,
  );
  assert.equal(await stars.count(), 50);
  const outcome = await stars.bulkUpsert([{ id: 1n, mag: 1 }, {
    id: 60n,
    name: "new",
  }]);
  assert.deepEqual(outcome, { inserted: 1, updated: 1, unchanged: 0 });
  assert.deepEqual(
    await stars.bulkUpdate([{ id: 1n, mag: 2 }, { id: 99n, mag: 2 }]),
    { updated: 1, missing: 1 },
  );
  await assert.rejects(
    stars.bulkUpdate([{ id: 1n, mag: 3 }, { id: 2n, mag: NaN }]),
  );
  const [one, two] = await stars.findAll({
    filterBy: { id: [1n, 2n] },
    orderBy: { id: "asc" },
  });
  assert.ok(one && two);
  assert.equal(one.mag, 2);
  stars.update(one, { mag: 4 });
  stars.delete(two);
  assert.deepEqual(await db.session.commit(), { updated: 1, deleted: 1 });
  stars.update(one, { mag: 5 });
  stars.update(two, { mag: 5 });
  await assert.rejects(db.session.commit(), StaleRowError);
  assert.equal((await stars.findOne({ filterBy: { id: 1n } }))?.mag, 4);
  db.session.rollback();
});

test("a server crash in a transaction is a readable error, and later calls work after the restart", async () => {
  const server = await startMongo();
  try {
    await using db = await connected({
      URL: server.url,
      DATABASE: "d",
      SERVER_SELECTION_TIMEOUT_MS: 3_000,
    });
    await db.query(Star).bulkInsert(many(10));
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.query(Star).updateAll({ filterBy: {}, set: { mag: 1 } });
        await server.kill();
        await tx.query(Star).count();
      }),
      failedInWords,
    );
    await assert.rejects(db.query(Star).count(), failedInWords);
    await server.restart();
    assert.equal(await eventually(() => db.query(Star).count()), 10);
    assert.equal(
      await db.query(Star).count({ filterBy: { mag: { ne: null } } }),
      0,
    );
    assert.equal(
      await db.transaction((tx) =>
        tx.query(Star).updateAll({ filterBy: {}, set: { mag: 2 } })
      ),
      10,
    );
  } finally {
    await server.stop();
  }
});

test("a server crash in a bulk insert is a readable error, and a second call writes the rest", async () => {
  const server = await startMongo();
  try {
    await using db = await connected({
      URL: server.url,
      DATABASE: "d",
      SERVER_SELECTION_TIMEOUT_MS: 3_000,
    });
    const rows = many(60_000);
    const inserting = db.query(Star).bulkInsert(rows);
    const failing = assert.rejects(inserting, failedInWords);
    await eventually(async () => {
      if (await db.query(Star).checkExists()) return;
      throw new ConnectionError("not yet");
    });
    await server.kill();
    await failing;
    await server.restart();
    const { inserted, ignored } = await eventually(() =>
      db.query(Star).bulkInsert(rows)
    );
    assert.equal(inserted + ignored, rows.length);
    assert.equal(await db.query(Star).count(), rows.length);
  } finally {
    await server.stop();
  }
});

test("a document that violates the validator is a CheckError that names the field", async () => {
  const settings = mongoSettings();
  await using db = await connected(settings);
  const client = await new MongoClient(settings.URL).connect();
  const own = client.db(settings.DATABASE);
  await own.command({
    collMod: "sighting",
    validator: { $jsonSchema: { properties: { quality: { maximum: 0.5 } } } },
  });
  for (
    const write of [
      () => db.query(Sighting).bulkInsert([{ star: 1n, night: 1, quality: 1 }]),
      () => db.query(Sighting).bulkUpsert([{ star: 1n, night: 1, quality: 1 }]),
      () =>
        db.query(Sighting).getOrCreate({
          filterBy: { star: 1n, night: 1 },
          quality: 1,
        }),
      () =>
        db.transaction((tx) =>
          tx.query(Sighting).bulkInsert([{ star: 1n, night: 1, quality: 1 }])
        ),
    ]
  ) {
    await assert.rejects(
      async () => void await write(),
      (error) => {
        assert.ok(error instanceof CheckError, Deno.inspect(error));
        assert.deepEqual([error.table, error.fields], ["sighting", [
          "quality",
        ]]);
        return true;
      },
    );
  }
  assert.equal(await db.query(Sighting).count(), 0);
  await own.dropDatabase();
  await client.close();
});

test("a primary that steps down in a bulk insert causes a readable error or none, and a second call writes the rest", async () => {
  const server = await startMongo();
  const admin = new MongoClient(server.url);
  try {
    await using db = new MongoConnection({ models: SUITE_MODELS });
    await db.connect({ URL: server.url, DATABASE: "d" });
    await db.createDb();
    const rows = Array.from({ length: 60_000 }, (_, id) => ({
      id: BigInt(id),
      name: `star ${id}`,
      notes: "x".repeat(500),
    }));
    const inserting = db.query(Star).bulkInsert(rows).catch((error) => error);
    while (!await db.query(Star).checkExists()) { /* not yet */ }
    await admin.db("admin").command({
      replSetStepDown: 2,
      secondaryCatchUpPeriodSecs: 0,
      force: true,
    });
    const outcome: unknown = await inserting;
    if (outcome instanceof Error) {
      assert.ok(outcome instanceof DbPluginsError, Deno.inspect(outcome));
    } else assert.deepEqual(outcome, { inserted: 60_000, ignored: 0 });
    const { inserted, ignored } = await eventually(() =>
      db.query(Star).bulkInsert(rows)
    );
    assert.equal(inserted + ignored, rows.length);
    assert.equal(await db.query(Star).count(), rows.length);
    const upserted = await db.query(Star).bulkUpsert(
      rows.slice(0, 100).map(({ id }) => ({ id, mag: 1 })),
    );
    assert.equal(upserted.updated, 100);
  } finally {
    await admin.close();
    await server.stop();
  }
});

test("a transaction that exceeds the server's time limit is a TimeoutError and is not retried", async () => {
  const server = await startMongo({
    args: ["--setParameter", "transactionLifetimeLimitSeconds=1"],
  });
  const watching = new MongoClient(server.url);
  const aborted = async (): Promise<number> => {
    const { transactions } = await watching.db("admin")
      .command({ serverStatus: 1 });
    return Number(transactions.totalAborted);
  };
  try {
    await using db = await connected({ URL: server.url, DATABASE: "d" });
    for (const last of ["a write", "the commit"]) {
      let runs = 0;
      const before = await aborted();
      const slow = db.transaction(async (tx) => {
        runs++;
        await tx.query(Star).bulkInsert([{ id: 1n, name: "a" }]);
        while (await aborted() === before) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        if (last === "a write") {
          await tx.query(Star).bulkInsert([{ id: 2n, name: "b" }]);
        }
      }, { retries: 3 });
      await assert.rejects(slow, (error) => {
        assert.ok(error instanceof TimeoutError, Deno.inspect(error));
        assert.match(error.message, /transactionLifetimeLimitSeconds/);
        return true;
      });
      assert.equal(runs, 1, last);
    }
    assert.equal(await db.query(Star).count(), 0);
  } finally {
    await watching.close();
    await server.stop();
  }
});
