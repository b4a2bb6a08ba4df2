// Rows that updateAll and deleteAll return on a server without transactions.
import { Sighting } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { standaloneTest } from "../../support/mongo_standalone.ts";

standaloneTest(
  "without transactions, updateAll and deleteAll return the rows that they wrote",
  [Sighting],
  async (db) => {
    const sightings = db.query(Sighting);
    await sightings.bulkInsert(
      Array.from({ length: 300 }, (_, index) => ({
        star: BigInt(index % 30),
        night: Math.floor(index / 30),
        quality: 0.5,
      })),
    );
    const { updated, rows } = await sightings.updateAll({
      filterBy: { night: { lt: 3 }, quality: 0.5 },
      set: { quality: 1 },
      returning: ["night", "quality"],
    });
    assert.equal(updated, 90);
    assert.deepEqual(rows.slice(0, 4).map((row) => ({ ...row })), [
      { night: 0, quality: 1 },
      { night: 1, quality: 1 },
      { night: 2, quality: 1 },
      { night: 0, quality: 1 },
    ]);
    assert.equal(await sightings.count({ filterBy: { quality: 1 } }), 90);
    const gone = await sightings.deleteAll({
      filterBy: { quality: 1, star: { lt: 10n } },
      returning: ["star"],
    });
    assert.deepEqual(
      [gone.deleted, gone.rows[0]?.star, gone.rows.at(-1)?.star],
      [30, 0n, 9n],
    );
    assert.equal(await sightings.count(), 270);
  },
);
