import assert from "node:assert/strict";
import { ValidationError } from "../base/errors/mod.ts";
import { rowFilter } from "../query/middleware/row_filter.ts";
import { increment } from "../query/write/expressions.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Job, Sighting, Stamp, Star } from "./models.ts";
import { BIG, fillStars, plain } from "./stars.ts";
import { refuseWrongReturning } from "./wrong_returning.ts";

/** `returning` of the methods that write rows. */
export const returning: readonly Behaviour[] = [
  behaviour(
    "updateAll with returning returns the rows as they are stored, in the order of the primary key",
    async (db) => {
      await fillStars(db);
      const { updated, rows } = await db.query(Star).updateAll({
        filterBy: { visits: { gte: 1 } },
        set: { visits: increment(10), labels: ["x"] },
        returning: ["name", "visits", "labels", "seen", "visits"],
      });
      assert.equal(updated, 3);
      assert.deepEqual(plain(rows), [
        {
          name: "Algol",
          visits: 13,
          labels: ["x"],
          seen: new Date("2018-06-01T04:07:22.125Z"),
        },
        { name: "Mira", visits: 13, labels: ["x"], seen: null },
        { name: "algol", visits: 11, labels: ["x"], seen: null },
      ]);
      assert.deepEqual(Object.keys(rows[0] ?? {}), [
        "name",
        "visits",
        "labels",
        "seen",
      ]);
      const one = await db.query().updateAll({
        model: Star,
        filterBy: { id: BIG },
        set: { mag: 1.5 },
        returning: ["id", "mag"],
      });
      assert.deepEqual({ ...one, rows: plain(one.rows) }, {
        updated: 1,
        rows: [{ id: BIG, mag: 1.5 }],
      });
      assert.deepEqual(
        await db.query(Star).updateAll({
          filterBy: { name: "Nix" },
          set: { mag: 1 },
          returning: ["id"],
        }),
        { updated: 0, rows: [] },
      );
    },
  ),
  behaviour(
    "updateAll with returning finds the rows whose key and filtered field it changes",
    async (db) => {
      await fillStars(db);
      const { rows } = await db.query(Star).updateAll({
        filterBy: { name: "Mira" },
        set: { id: 77n, name: "Omicron Ceti" },
        returning: ["id", "name", "mag"],
      });
      assert.deepEqual(plain(rows), [
        { id: 77n, name: "Omicron Ceti", mag: 6.5 },
      ]);
    },
  ),
  behaviour(
    "updateAll with returning returns what onUpdate and a version set",
    async (db) => {
      await db.query(Stamp).bulkInsert([{ id: 1, value: 1 }]);
      const stamps = await db.query(Stamp).updateAll({
        filterBy: {},
        set: { value: 2 },
        returning: ["touched"],
      });
      assert.ok((stamps.rows[0]?.touched ?? 0) > 0);
      await db.query(Job).bulkInsert([{ id: 1 }, { id: 2 }]);
      const jobs = await db.query(Job).updateAll({
        filterBy: { state: null },
        set: { state: "taken" },
        returning: ["version", "id"],
      });
      assert.deepEqual(plain(jobs.rows), [
        { version: 2, id: 1 },
        { version: 2, id: 2 },
      ]);
    },
  ),
  behaviour(
    "deleteAll with returning returns the deleted rows, in the order of the primary key",
    async (db) => {
      await fillStars(db);
      await db.query(Sighting).bulkInsert([
        { star: 2n, night: 3, quality: 1 },
        { star: 2n, night: 1, quality: 0.5 },
        { star: 1n, night: 2, quality: 0 },
        { star: 3n, night: 2, quality: 0 },
      ]);
      const { deleted, rows } = await db.query(Sighting).deleteAll({
        filterBy: { star_row: { is: { visits: 3 } } },
        returning: ["night", "quality"],
      });
      assert.equal(deleted, 3);
      assert.deepEqual(plain(rows), [
        { night: 2, quality: 0 },
        { night: 1, quality: 0.5 },
        { night: 3, quality: 1 },
      ]);
      assert.equal(await db.query(Sighting).count(), 1);
      const before = await db.query(Star).findAll({ orderBy: { id: "asc" } });
      const all = await db.query().deleteAll({
        model: Star,
        filterBy: {},
        all: true,
        returning: Star.fields.map(({ name }) => name as "id"),
      });
      assert.deepEqual(plain(all.rows), plain(before));
      assert.equal(await db.query(Star).count(), 0);
      assert.deepEqual(
        await db.query(Star).deleteAll({
          filterBy: { id: 1n },
          returning: ["id"],
        }),
        { deleted: 0, rows: [] },
      );
    },
  ),
  behaviour(
    "updateAll and deleteAll with returning take part in the transaction",
    async (db) => {
      await fillStars(db);
      const failure = new Error("undo");
      await assert.rejects(
        db.transaction(async (tx) => {
          const { rows } = await tx.query(Star).updateAll({
            filterBy: { id: [1n, 2n] },
            set: { mag: increment(1) },
            returning: ["id", "mag"],
          });
          assert.deepEqual(plain(rows), [
            { id: 1n, mag: 3.12 },
            { id: 2n, mag: 7.5 },
          ]);
          const { deleted } = await tx.query(Star).deleteAll({
            filterBy: { mag: { gt: 7 } },
            returning: ["id"],
          });
          assert.equal(deleted, 1);
          throw failure;
        }),
        failure,
      );
      assert.equal(await db.query(Star).count(), 5);
      assert.equal(
        (await db.query(Star).findOne({ filterBy: { id: 1n } }))?.mag,
        2.12,
      );
    },
  ),
  behaviour(
    "a filter of middleware hides rows from updateAll and deleteAll with returning",
    async (db) => {
      await fillStars(db);
      const view = db.use(
        rowFilter(({ name }) => name === "star" ? { visits: 3 } : undefined),
      );
      const { rows } = await view.query(Star).updateAll({
        filterBy: {},
        set: { status: "seen" },
        returning: ["id", "status"],
      });
      assert.deepEqual(plain(rows), [
        { id: 1n, status: "seen" },
        { id: 2n, status: "seen" },
      ]);
      const { deleted } = await view.query(Star).deleteAll({
        filterBy: { id: [2n, 3n] },
        returning: ["id"],
      });
      assert.equal(deleted, 1);
      assert.equal(await db.query(Star).count(), 4);
    },
  ),
  behaviour(
    "updateAll and deleteAll with wrong fields to return throw, and write nothing",
    async (db) => {
      await fillStars(db);
      await refuseWrongReturning((returning) => [
        () =>
          db.query(Star).updateAll({
            filterBy: {},
            set: { mag: 1 },
            returning,
          }),
        () => db.query(Star).deleteAll({ filterBy: { id: 1n }, returning }),
      ]);
      const set: object = { mag: "bright" };
      await assert.rejects(
        db.query(Star).updateAll({ filterBy: {}, set, returning: ["id"] }),
        ValidationError,
      );
      await assert.rejects(
        db.query(Star).deleteAll({ filterBy: {}, returning: ["id"] }),
        /pass all: true/,
      );
      assert.equal(await db.query(Star).count({ filterBy: { mag: 1 } }), 0);
      assert.equal(await db.query(Star).count(), 5);
    },
  ),
];
