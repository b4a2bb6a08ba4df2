// Read preference, open cursors, and missing fields.
import { defineModel, MongoConnection } from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { z } from "zod";
import { mongoEngine, mongoSettings } from "../../support/engines.ts";
import { test, untyped } from "../../support/mongo_case.ts";
import { stars } from "../../support/mongo_stars.ts";
import { untilEqual } from "../../support/waiting.ts";

test("reads on which a write depends go to the primary, whatever the read preference", async () => {
  const { URL, DATABASE } = mongoSettings();
  const client = new MongoClient(String(URL), {
    readPreference: "secondaryPreferred",
    monitorCommands: true,
  });
  let elsewhere: string[] = [];
  client.on("commandStarted", ({ commandName, command }) => {
    const { mode = "primary" } = command.$readPreference ?? {};
    if (mode !== "primary" && commandName !== "listCollections") {
      elsewhere.push(commandName);
    }
  });
  await using db = new MongoConnection({ models: SUITE_MODELS, client });
  await db.connect({ DATABASE });
  await db.createDb();
  const query = db.query(Star);
  const rows = stars(0, 5);
  await query.bulkInsert(stars(0, 3));
  elsewhere = [];
  await query.count();
  assert.deepEqual(elsewhere, ["aggregate"]);
  elsewhere = [];
  assert.deepEqual(await query.bulkInsert(rows), { inserted: 2, ignored: 3 });
  assert.deepEqual(
    await query.bulkUpsert(rows.map((row) => ({ ...row, mag: 1 }))),
    { inserted: 0, updated: 5, unchanged: 0 },
  );
  await query.bulkInsert(stars(5, 7), { onConflict: "error" });
  await query.bulkUpdate([{ id: 1n, mag: 2 }]);
  const [, created] = await query.getOrCreate({
    filterBy: { id: 1n, notes: { ne: { a: 1 } } },
    name: "other",
  });
  assert.equal(created, false);
  assert.equal(await query.updateAll({ filterBy: {}, set: { mag: 3 } }), 7);
  assert.equal(await query.deleteAll({ filterBy: { id: [1n, 2n] } }), 2);
  assert.deepEqual(elsewhere, []);
  await db.dropDb();
  await client.close();
});

test("a stream whose loop ends early leaves no cursor open", async () => {
  const settings = mongoSettings();
  await using db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect(settings);
  await db.createDb();
  await db.query(Star).bulkInsert(stars(0, 50));
  const client = new MongoClient(settings.URL);
  const open = async (): Promise<number> =>
    (await client.db("admin").aggregate([
      { $currentOp: { idleCursors: true, allUsers: true } },
      { $match: { type: "idleCursor", ns: `${settings.DATABASE}.star` } },
    ]).toArray()).length;
  let seen = 0;
  for await (const _ of db.query(Star).stream({ batchSize: 5 })) {
    if (++seen < 7) continue;
    // The cursor may be at work on the next batch.
    await untilEqual("an open cursor", open, 1);
    break;
  }
  await untilEqual("the open cursors", open, 0);
  await client.close();
  await db.dropDb();
});

test("a missing field is null, even if every object has a property of its name", async () => {
  const Odd = defineModel("odd", {
    fields: z.object({
      id: z.int32(),
      constructor: z.unknown().nullable(),
    }),
    primaryKey: ["id"],
  });
  await using db = await mongoEngine.open([Odd]);
  await db.createDb();
  assert.ok(db instanceof MongoConnection);
  await db.collection(Odd).insertOne(untyped({ id: 1 }), {
    bypassDocumentValidation: true,
  });
  const [made, created] = await db.query(Odd).getOrCreate({
    filterBy: { id: 1 },
  });
  assert.equal(created, false);
  const row = await db.query(Odd).findOne({ filterBy: { id: 1 } });
  for (const one of [made, row]) {
    assert.deepEqual(Object.entries(one ?? {}), [
      ["id", 1],
      ["constructor", null],
    ]);
  }
  await db.dropDb();
});
