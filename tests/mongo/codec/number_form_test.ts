// The one form in which documents hold a number, on every way there.
import { defineModel, MongoConnection } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { type Document, Double, Int32, MongoClient } from "mongodb";
import { z } from "zod";
import { mongoSettings } from "../../support/engines.ts";
import { test } from "../../support/mongo_case.ts";

const Exact = defineModel("exact", {
  fields: z.object({
    id: z.int32(),
    flux: z.float32().nullable(),
    visits: z.int32().nullable(),
  }),
  primaryKey: ["id"],
});
/** A flux that no float32 is, and a zero that MongoDB has no integer for. */
const given = { flux: 0.1, visits: -0 };

test("a float32 is rounded and a zero has no sign in what is stored, whichever way it is written", async () => {
  const settings = mongoSettings();
  const db = new MongoConnection({ models: [Exact] });
  await db.connect(settings);
  await db.createDb();
  const client = new MongoClient(settings.URL);
  const query = db.query(Exact);
  const ways: readonly ((id: number) => Promise<unknown>)[] = [
    // Rows that give every field are sent as they are, where they are ready.
    (id) => query.bulkInsert([{ id, ...given }]),
    (id) => query.bulkInsert([{ id, flux: 0.5, visits: -0 }]),
    (id) => query.bulkInsert([{ id, flux: 0.1, visits: 0 }]),
    (id) =>
      db.transaction((tx) => tx.query(Exact).bulkInsert([{ id, ...given }])),
    (id) => query.bulkUpsert([{ id, ...given }]),
    (id) => query.getOrCreate({ filterBy: { id }, ...given }),
    async (id) => {
      await query.bulkInsert([{ id, flux: 7, visits: 7 }]);
      await query.bulkUpsert([{ id, ...given }]);
    },
    async (id) => {
      await query.bulkInsert([{ id, flux: 7, visits: 7 }]);
      await query.updateAll({ filterBy: { id }, set: given });
    },
    async (id) => {
      await query.bulkInsert([{ id, flux: 7, visits: 7 }]);
      await query.bulkUpdate([{ id, ...given }]);
    },
  ];
  const stored = client.db(settings.DATABASE).collection<Document>("exact");
  for (const [id, way] of ways.entries()) {
    await way(id);
    const document = await stored.findOne({ id }, { promoteValues: false });
    const flux: unknown = document?.flux;
    const visits: unknown = document?.visits;
    assert.ok(visits instanceof Int32, `way ${id}: ${Deno.inspect(visits)}`);
    assert.ok(Object.is(visits.valueOf(), 0));
    assert.ok(flux instanceof Double, `way ${id}: ${Deno.inspect(flux)}`);
    assert.equal(Math.fround(flux.valueOf()), flux.valueOf(), `way ${id}`);
    const row = await query.findOne({ filterBy: { id } });
    assert.deepEqual(row?.visits, 0);
  }
  // A zero without its sign, and a rounded float, are what is found again.
  assert.equal(await query.count({ filterBy: { visits: -0 } }), ways.length);
  assert.equal(await query.count({ filterBy: { flux: 0.1 } }), ways.length - 1);
  await stored.drop();
  await client.db(settings.DATABASE).dropDatabase();
  await client.close();
  await db.close();
});
