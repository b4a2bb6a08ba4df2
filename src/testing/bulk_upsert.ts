import assert from "node:assert/strict";
import {
  DuplicateKeyError,
  QueryError,
  ValidationError,
} from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Stamp, Star } from "./models.ts";
import { fillStars, plain } from "./stars.ts";

const night = (mag: number | null, quality: number, night = 1) => ({
  star: 1n,
  night,
  mag,
  quality,
});

/** `bulkUpsert`. */
export const bulkUpsert: readonly Behaviour[] = [
  behaviour(
    "bulkUpsert inserts new rows, updates existing rows, and counts both",
    async (db) => {
      await fillStars(db);
      const outcome = await db.query(Star).bulkUpsert([
        { id: 2n, name: "Mira", mag: 3 },
        { id: 50n, name: "Vega", mag: 0.03 },
      ]);
      assert.deepEqual(outcome, { inserted: 1, updated: 1, unchanged: 0 });
      assert.equal(
        (await db.query(Star).findOne({ filterBy: { id: 2n } }))?.mag,
        3,
      );
      assert.deepEqual(await db.query(Star).bulkUpsert([]), {
        inserted: 0,
        updated: 0,
        unchanged: 0,
      });
    },
  ),
  behaviour(
    "bulkUpsert overwrites only the fields of the given row",
    async (db) => {
      await fillStars(db);
      await db.query(Star).bulkUpsert([{ id: 1n, name: "Algol", mag: 3 }]);
      const row = await db.query(Star).findOne({ filterBy: { id: 1n } });
      assert.deepEqual([row?.mag, row?.visits, row?.status, row?.labels], [
        3,
        3,
        "old",
        ["eclipsing", "binary"],
      ]);
    },
  ),
  behaviour("bulkUpsert overwrites a value with null", async (db) => {
    await fillStars(db);
    await db.query(Star).bulkUpsert([{ id: 1n, name: "Algol", mag: null }]);
    assert.equal(
      (await db.query(Star).findOne({ filterBy: { id: 1n } }))?.mag,
      null,
    );
  }),
  behaviour(
    "bulkUpsert updates an existing row from its key and one field",
    async (db) => {
      await fillStars(db);
      assert.deepEqual(await db.query(Star).bulkUpsert([{ id: 1n, mag: 3 }]), {
        inserted: 0,
        updated: 1,
        unchanged: 0,
      });
      assert.equal(
        (await db.query(Star).findOne({ filterBy: { id: 1n } }))?.mag,
        3,
      );
    },
  ),
  behaviour(
    "bulkUpsert rejects a new row without its required fields, and writes nothing",
    async (db) => {
      await fillStars(db);
      await assert.rejects(
        db.query(Star).bulkUpsert([{ id: 1n, mag: 3 }, { id: 50n, mag: 4 }]),
        /name/,
      );
      assert.equal(
        (await db.query(Star).findOne({ filterBy: { id: 1n } }))?.mag,
        2.12,
      );
    },
  ),
  behaviour(
    "bulkUpsert applies rows with different fields in order",
    async (db) => {
      await fillStars(db);
      const outcome = await db.query(Star).bulkUpsert([
        { id: 1n, mag: 10 },
        { id: 1n, visits: 11 },
        { id: 50n, name: "Vega", mag: 12 },
        { id: 1n, mag: 13, visits: 14 },
        { id: 50n, visits: 15 },
        { id: 1n, mag: 16 },
      ]);
      assert.equal(outcome.inserted, 1);
      assert.equal(outcome.inserted + outcome.updated + outcome.unchanged, 6);
      const rows = await db.query(Star).findAll({
        filterBy: { id: [1n, 50n] },
        orderBy: { id: "asc" },
      });
      assert.deepEqual(rows.map(({ mag, visits }) => [mag, visits]), [
        [16, 14],
        [12, 15],
      ]);
    },
  ),
  behaviour(
    "bulkUpsert writes the last of several rows with the same key",
    async (db) => {
      const rows = [night(1, 0), night(2, 1), night(3, 0.5)];
      assert.deepEqual(await db.query(Sighting).bulkUpsert(rows), {
        inserted: 1,
        updated: 0,
        unchanged: 2,
      });
      assert.deepEqual(plain(await db.query(Sighting).findAll()), [
        night(3, 0.5),
      ]);
    },
  ),
  behaviour(
    "bulkUpsert counts a row that is changed and changed back as unchanged",
    async (db) => {
      await db.query(Sighting).bulkInsert([night(1, 0), night(2, 0.5, 2)]);
      const rows = [night(5, 0), night(3, 0.5), night(1, 0)];
      assert.deepEqual(await db.query(Sighting).bulkUpsert(rows), {
        inserted: 0,
        updated: 0,
        unchanged: 3,
      });
      const many = Array.from({ length: 20 }, (_, index) => night(index, 0));
      assert.deepEqual(
        await db.query(Sighting).bulkUpsert([...many, night(1, 0)]),
        { inserted: 0, updated: 0, unchanged: 21 },
      );
      assert.deepEqual(
        await db.query(Sighting).bulkUpsert([...many, night(1, 0)], {
          prefer: ["quality"],
        }),
        { inserted: 0, updated: 0, unchanged: 21 },
      );
      assert.deepEqual(
        plain(await db.query(Sighting).findAll({ orderBy: { night: "asc" } })),
        [night(1, 0), night(2, 0.5, 2)],
      );
      await db.query(Stamp).bulkInsert([{ id: 1, value: 1 }]);
      const stamps = await db.query(Stamp).findAll();
      assert.deepEqual(
        await db.query(Stamp).bulkUpsert(
          [2, 3, 1].map((value) => ({ id: 1, value })),
        ),
        { inserted: 0, updated: 0, unchanged: 3 },
      );
      assert.deepEqual(await db.query(Stamp).findAll(), stamps);
    },
  ),
  behaviour("conflict can name another unique key", async (db) => {
    await fillStars(db);
    const outcome = await db.query(Star).bulkUpsert([{
      id: 2n,
      name: "Mira",
      mag: 1,
    }], { conflict: ["name"] });
    assert.equal(outcome.updated, 1);
    await assert.rejects(
      db.query(Star).bulkUpsert([{ id: 2n, name: "Vega", mag: 1 }], {
        conflict: ["name"],
      }),
      DuplicateKeyError,
    );
  }),
  behaviour(
    "bulkUpsert counts an equal row as unchanged",
    async (db) => {
      await db.query(Sighting).bulkInsert([night(1, 0.5)]);
      assert.deepEqual(await db.query(Sighting).bulkUpsert([night(1, 0.5)]), {
        inserted: 0,
        updated: 0,
        unchanged: 1,
      });
    },
  ),
  behaviour(
    "defaults apply to new rows, and onUpdate to every update",
    async (db) => {
      const query = db.query(Stamp);
      await query.bulkUpsert([{ id: 1, value: 1 }]);
      assert.equal((await query.first())?.touched, 0);
      await query.bulkUpsert([{ id: 1, value: 2 }]);
      assert.ok(((await query.first())?.touched ?? 0) > 0);
    },
  ),
  behaviour("an invalid row in bulkUpsert writes nothing", async (db) => {
    const rows = Array.from(
      { length: 10_001 },
      (_, index) => night(1, index === 10_000 ? 7 : 0.5, index),
    );
    await assert.rejects(
      db.query(Sighting).bulkUpsert(rows),
      (error) =>
        error instanceof ValidationError && error.rows[0]?.index === 10_000,
    );
    await assert.rejects(
      db.query(Sighting).bulkUpsert([{ night: 1, quality: 1 }]),
      /star is required/,
    );
    const unknown: object = { qualty: 1 };
    await assert.rejects(
      db.query(Sighting).bulkUpsert([{ ...night(1, 1), ...unknown }]),
      /did you mean quality\?/,
    );
    assert.equal(await db.query(Sighting).count(), 0);
  }),
  behaviour(
    "conflict, prefer and update must name fields",
    async (db) => {
      const query = db.query(Star);
      await assert.rejects(
        async () => await query.bulkUpsert([], { conflict: [] }),
        /\(id\) or \(name\)/,
      );
      const wrong = ["magg"] as never[];
      await assert.rejects(
        async () => await query.bulkUpsert([], { prefer: wrong }),
        (error) => error instanceof QueryError && error.nearest === "mag",
      );
      await assert.rejects(
        async () => await query.bulkUpsert([], { update: wrong }),
        QueryError,
      );
    },
  ),
];
