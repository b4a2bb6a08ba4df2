// Rows that the bulk methods return: columns with other names, collations, and servers without transactions.
import { defineModel, MongoConnection } from "@alerce/db-plugins";
import { Sighting, Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { z } from "zod";
import { mongoSettings } from "../../support/engines.ts";
import { test } from "../../support/mongo_case.ts";
import { standaloneTest } from "../../support/mongo_standalone.ts";

const plain = (rows: readonly object[]) => rows.map((row) => ({ ...row }));

const Source = defineModel("source", {
  fields: z.object({
    aid: z.string(),
    ndet: z.int32().nullable().meta({ column: "n" }),
    class: z.string().default("unknown").meta({ column: "c" }),
  }),
  primaryKey: ["aid"],
  mongo: { id: "aid" },
});

test("the bulk methods return fields from the columns of documents, also from _id", async () => {
  await using db = new MongoConnection({ models: [Source] });
  await db.connect(mongoSettings());
  await db.createDb();
  const query = db.query(Source);
  const returning = ["ndet", "aid", "class"] as const;
  const inserted = await query.bulkInsert([{ aid: "b", ndet: 1 }, {
    aid: "a",
  }], { returning });
  assert.deepEqual(plain(inserted.rows), [
    { ndet: 1, aid: "b", class: "unknown" },
    { ndet: null, aid: "a", class: "unknown" },
  ]);
  const upserted = await query.bulkUpsert([
    { aid: "c", class: "SN" },
    { aid: "b", ndet: 1 },
    { aid: "a", ndet: 5 },
  ], { returning: ["class", "ndet"] });
  assert.deepEqual(plain(upserted.rows), [
    { class: "SN", ndet: null },
    { class: "unknown", ndet: 5 },
  ]);
  const updated = await query.bulkUpdate([{ aid: "c", ndet: 2 }], {
    returning: ["aid", "ndet"],
  });
  assert.deepEqual(plain(updated.rows), [{ aid: "c", ndet: 2 }]);
  await db.dropDb();
});

standaloneTest(
  "without transactions, the bulk methods return the rows that they wrote",
  [Sighting, Star],
  async (db) => {
    const sightings = db.query(Sighting);
    const given = Array.from({ length: 6_000 }, (_, index) => ({
      star: BigInt(index % 100),
      night: Math.floor(index / 100),
      quality: 0.5,
    }));
    const key = ({ star, night }: { star: bigint; night: number }) =>
      `${star} ${night}`;
    const inserted = await sightings.bulkInsert(given, {
      returning: ["night", "star", "mag"],
    });
    assert.deepEqual(inserted.rows.map(key), given.map(key));
    assert.ok(inserted.rows.every(({ mag }) => mag === null));
    const upserted = await sightings.bulkUpsert(
      given.map((row) => row.night < 30 ? row : { ...row, mag: 1 }),
      { merge: { mag: "least" }, returning: ["star", "night", "mag"] },
    );
    assert.equal(upserted.updated, 3_000);
    assert.deepEqual(
      upserted.rows.map(key),
      given.filter(({ night }) => night >= 30).map(key),
    );
    assert.ok(upserted.rows.every(({ mag }) => mag === 1));
    const updated = await sightings.bulkUpdate([
      { star: 3n, night: 2, quality: 1 },
      { star: 3n, night: 700, quality: 1 },
      { star: 3n, night: 1, quality: 0 },
      { star: 3n, night: 2, mag: 5 },
    ], { returning: ["night", "quality", "mag"] });
    assert.deepEqual({ ...updated, rows: plain(updated.rows) }, {
      updated: 3,
      missing: 1,
      rows: [
        { night: 2, quality: 1, mag: 5 },
        { night: 1, quality: 0, mag: null },
      ],
    });
  },
);

standaloneTest(
  "without transactions, a bulk write that returns rows and fails lists what it wrote",
  [Star],
  async (db) => {
    await db.query(Star).bulkInsert([{ id: 1n, name: "Algol" }]);
    await assert.rejects(
      db.query(Star).bulkUpsert(
        [{ id: 2n, name: "Mira" }, { id: 3n, name: "Algol" }],
        { returning: ["id"] },
      ),
      (error) => {
        assert.deepEqual(Reflect.get(Object(error), "partly"), {
          written: [{ id: 2n }],
          unwritten: [{ id: 3n }],
          unknown: [],
        });
        return true;
      },
    );
  },
);
