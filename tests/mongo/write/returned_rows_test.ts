// Rows that the bulk methods return on a server without transactions.
import { Sighting, Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { standaloneTest } from "../../support/mongo_standalone.ts";

const plain = (rows: readonly object[]) => rows.map((row) => ({ ...row }));

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
