// Missing collections: never created, or dropped by another program.
import { MongoConnection, SchemaError } from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { mongoEngine, mongoSettings } from "../../support/engines.ts";
import { test } from "../../support/mongo_case.ts";
import { standaloneSettings } from "../../support/mongo_standalone.ts";

function missing(error: unknown): boolean {
  assert.ok(error instanceof SchemaError, Deno.inspect(error));
  assert.match(error.message, /the database \S+ has no collection star\. /);
  assert.deepEqual(error.differences, ["star is missing"]);
  return true;
}

test("a statement on a missing collection is an error", async () => {
  await using db = await mongoEngine.open(SUITE_MODELS);
  const query = db.query(Star);
  const filterBy = { id: 1n };
  for (
    const work of [
      () => query.findAll(),
      () => query.first(),
      () => query.count(),
      () => query.checkExists({ filterBy }),
      () => Array.fromAsync(query.stream()),
      () => query.updateAll({ filterBy, set: { mag: 1 } }),
      () => query.deleteAll({ filterBy }),
      () => query.bulkUpdate([{ id: 1n, mag: 1 }]),
      () => db.transaction((tx) => tx.query(Star).findAll()),
    ]
  ) await assert.rejects(async () => void await work(), missing);
  await db.createDb();
  assert.deepEqual(await query.findAll(), []);
  assert.equal(await query.updateAll({ filterBy, set: { mag: 1 } }), 0);
});

test("a collection that this connection dropped is missing at once", async () => {
  await using db = await mongoEngine.open(SUITE_MODELS);
  await db.createDb();
  const query = db.query(Star);
  await query.bulkInsert([{ id: 1n, name: "a" }]);
  await db.dropDb();
  const row = { id: 1n, name: "a" };
  for (
    const write of [
      () => query.bulkInsert([row]),
      () => query.bulkUpsert([row]),
      () => query.getOrCreate({ filterBy: { id: 1n }, name: "a" }),
    ]
  ) await assert.rejects(async () => void await write(), missing);
});

test("bulkUpdate on a missing collection is an error on a server without transactions, too", async () => {
  await using db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect(await standaloneSettings());
  await assert.rejects(
    db.query(Star).bulkUpdate([{ id: 1n, mag: 1 }]),
    missing,
  );
});

test("a write does not recreate a collection that another program dropped", async () => {
  const settings = mongoSettings();
  await using db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect(settings);
  await db.createDb();
  const query = db.query(Star);
  await query.bulkInsert([{ id: 1n, name: "a" }]);
  const client = new MongoClient(settings.URL);
  const other = client.db(settings.DATABASE);
  await other.dropCollection("star");
  // The existence of a collection is cached for a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const row = { id: 1n, name: "a" };
  for (
    const write of [
      () => query.bulkInsert([row]),
      () => query.bulkUpsert([row]),
      () => query.getOrCreate({ filterBy: { id: 1n }, name: "a" }),
    ]
  ) await assert.rejects(async () => void await write(), missing);
  assert.deepEqual(await other.listCollections({ name: "star" }).toArray(), []);
  await client.close();
  await db.dropDb();
});
