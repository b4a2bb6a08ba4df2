// Documents hold numbers in canonical form, whichever method writes them.
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
/** A flux that is not exactly a float32, and a zero that is not exactly an integer on MongoDB. */
const given = { flux: 0.1, visits: -0 };

test("a stored float32 is rounded and a stored integer zero has no sign, whichever method writes it", async () => {
  const settings = mongoSettings();
  const db = new MongoConnection({ models: [Exact] });
  await db.connect(settings);
  await db.createDb();
  const client = new MongoClient(settings.URL);
  const query = db.query(Exact);
  const writes: readonly ((id: number) => Promise<unknown>)[] = [
    // Rows with every field in canonical form are sent unchanged.
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
  for (const [id, write] of writes.entries()) {
    await write(id);
    const document = await stored.findOne({ id }, { promoteValues: false });
    const flux: unknown = document?.flux;
    const visits: unknown = document?.visits;
    assert.ok(visits instanceof Int32, `write ${id}: ${Deno.inspect(visits)}`);
    assert.ok(Object.is(visits.valueOf(), 0));
    assert.ok(flux instanceof Double, `write ${id}: ${Deno.inspect(flux)}`);
    assert.equal(Math.fround(flux.valueOf()), flux.valueOf(), `write ${id}`);
    const row = await query.findOne({ filterBy: { id } });
    assert.deepEqual(row?.visits, 0);
  }
  // The filter finds the zero without sign and the rounded float.
  assert.equal(await query.count({ filterBy: { visits: -0 } }), writes.length);
  assert.equal(
    await query.count({ filterBy: { flux: 0.1 } }),
    writes.length - 1,
  );
  await stored.drop();
  await client.db(settings.DATABASE).dropDatabase();
  await client.close();
  await db.close();
});
