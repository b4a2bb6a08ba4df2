import assert from "node:assert/strict";
import { QueryError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star } from "./models.ts";
import { fillStars, plain } from "./stars.ts";

const night = (mag: number | null, quality: number, night = 1) => ({
  star: 1n,
  night,
  mag,
  quality,
});

/** The options `prefer` and `update` of `bulkUpsert`. */
export const prefer: readonly Behaviour[] = [
  behaviour(
    "prefer keeps the greatest row of the batch and the table",
    async (db) => {
      const query = db.query(Sighting);
      const prefer = ["quality"] as const;
      await query.bulkUpsert([night(1, 0.5), night(2, 0.75), night(3, 0.25)], {
        prefer,
      });
      assert.deepEqual(plain(await query.findAll()), [night(2, 0.75)]);
      assert.deepEqual(await query.bulkUpsert([night(4, 0.5)], { prefer }), {
        inserted: 0,
        updated: 0,
        unchanged: 1,
      });
      assert.deepEqual(await query.bulkUpsert([night(5, 1)], { prefer }), {
        inserted: 0,
        updated: 1,
        unchanged: 0,
      });
      assert.deepEqual(plain(await query.findAll()), [night(5, 1)]);
    },
  ),
  behaviour("if prefer fields are equal, the later row wins", async (db) => {
    const query = db.query(Sighting);
    await query.bulkUpsert([night(1, 0.5), night(2, 0.5)], {
      prefer: ["quality"],
    });
    assert.deepEqual(plain(await query.findAll()), [night(2, 0.5)]);
    await query.bulkUpsert([night(3, 0.5)], { prefer: ["quality"] });
    assert.deepEqual(plain(await query.findAll()), [night(3, 0.5)]);
  }),
  behaviour(
    "prefer compares fields in order, and null is less than every value",
    async (db) => {
      const query = db.query(Sighting);
      const prefer = ["mag", "quality"] as const;
      await query.bulkUpsert([night(null, 0.9)], { prefer });
      await query.bulkUpsert([night(1, 0.1)], { prefer });
      await query.bulkUpsert([night(null, 1)], { prefer });
      assert.deepEqual(plain(await query.findAll()), [night(1, 0.1)]);
      await query.bulkUpsert([night(1, 0.2), night(1, 0.15)], { prefer });
      assert.deepEqual(plain(await query.findAll()), [night(1, 0.2)]);
    },
  ),
  behaviour(
    "prefer gives the same row, null or not, whatever the order and the calls",
    async (db) => {
      const query = db.query(Sighting);
      const best = night(1, 0.5);
      const rows = [night(null, 1), best, night(null, 0.75), night(0.5, 1)];
      for (const given of [rows, rows.toReversed()]) {
        for (const calls of [[given], given.map((row) => [row])]) {
          await query.deleteAll({ filterBy: { star: 1n } });
          for (const call of calls) {
            await query.bulkUpsert(call, { prefer: ["mag", "quality"] });
          }
          assert.deepEqual(plain(await query.findAll()), [best]);
        }
      }
    },
  ),
  behaviour("update lists the fields to overwrite", async (db) => {
    const query = db.query(Sighting);
    await query.bulkInsert([night(1, 0.5)]);
    await query.bulkUpsert([night(9, 0.9)], { update: ["quality"] });
    assert.deepEqual(plain(await query.findAll()), [night(1, 0.9)]);
    const outcome = await query.bulkUpsert([night(3, 0.3), night(4, 0.4, 2)], {
      update: [],
    });
    assert.deepEqual(outcome, { inserted: 1, updated: 0, unchanged: 1 });
  }),
  behaviour(
    "fields that update omits keep the value of the first row, in one call or several",
    async (db) => {
      const query = db.query(Sighting);
      const options = { update: ["quality"] } as const;
      const rows = [night(1, 0.25), night(2, 0.5), night(3, 0.75)];
      for (const calls of [[rows], rows.map((row) => [row])]) {
        await query.deleteAll({ filterBy: { star: 1n } });
        for (const call of calls) await query.bulkUpsert(call, options);
        assert.deepEqual(plain(await query.findAll()), [night(1, 0.75)]);
      }
      await query.bulkUpsert([night(4, 0.25, 2), night(5, 0.5, 2)], {
        update: [],
      });
      assert.deepEqual(
        plain(await query.findAll({ filterBy: { night: 2 } })),
        [night(4, 0.25, 2)],
      );
    },
  ),
  behaviour(
    "a preferred row writes its prefer fields even if update omits them",
    async (db) => {
      const query = db.query(Sighting);
      const options = { update: ["mag"], prefer: ["quality"] } as const;
      for (const row of [night(1, 0.5), night(2, 0.9), night(3, 0.7)]) {
        await query.bulkUpsert([row], options);
      }
      assert.deepEqual(plain(await query.findAll()), [night(2, 0.9)]);
    },
  ),
  behaviour(
    "a row without a prefer field is compared by the default of that field",
    async (db) => {
      const query = db.query(Star);
      const prefer = ["status"] as const;
      const rows = [
        { id: 1n, name: "a", visits: 1 },
        { id: 1n, name: "a", visits: 2, status: "old" },
        { id: 1n, name: "a", visits: 3, status: "later" },
      ];
      for (
        const calls of [[rows], rows.map((row) => [row]), [rows.toReversed()]]
      ) {
        await query.deleteAll({ filterBy: { id: 1n } });
        for (const call of calls) await query.bulkUpsert(call, { prefer });
        const row = await query.findOne({ filterBy: { id: 1n } });
        assert.deepEqual([row?.visits, row?.status], [2, "old"]);
      }
    },
  ),
  behaviour("prefer rejects a JSON field", async (db) => {
    await fillStars(db);
    await assert.rejects(
      db.query(Star).bulkUpsert([{ id: 1n, mag: 3 }], { prefer: ["notes"] }),
      (error) => error instanceof QueryError && error.field === "notes",
    );
  }),
];
