import assert from "node:assert/strict";
import { DuplicateKeyError, StaleRowError } from "../base/errors/mod.ts";
import type { Connection } from "../connection/connection.ts";
import type { ConnectionView } from "../connection/connection_view.ts";
import { rowFilter } from "../query/middleware/row_filter.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star } from "./models.ts";
import { softDelete, visible } from "./suite_middleware.ts";
import { fillStars, names } from "./stars.ts";

const ORDER = { orderBy: { id: "asc" } } as const;

/** Writes stars, of which Mira (2) and algol (3) are hidden, with sightings. Returns a view without them. */
async function withHidden(db: Connection): Promise<ConnectionView> {
  await fillStars(db);
  await db.query(Star).updateAll({
    filterBy: { id: [2n, 3n] },
    set: { status: "gone" },
  });
  await db.query(Sighting).bulkInsert([
    { star: 1n, night: 1, quality: 1 },
    { star: 2n, night: 1, quality: 1 },
  ]);
  return db.use(visible);
}

/** `rowFilter`: rows that a connection hides. */
export const rowFilters: readonly Behaviour[] = [
  behaviour(
    "a filter of middleware hides rows from every read, and from no other user of the connection",
    async (db) => {
      const view = await withHidden(db);
      const stars = view.query(Star);
      const shown = ["Ω Cen", "Algol", "Deneb_100%"];
      assert.deepEqual(names(await stars.findAll(ORDER)), shown);
      const page = await stars.find({ ...ORDER, perPage: 2 });
      assert.equal(page.total, 3);
      assert.deepEqual(names((await page.next()).items), shown.slice(2));
      assert.equal(await stars.findOne({ filterBy: { id: 2n } }), null);
      assert.equal(
        await stars.first({ filterBy: { or: [{ id: 2n }, { id: 3n }] } }),
        null,
      );
      assert.equal(await stars.count(), 3);
      assert.equal(await stars.checkExists({ filterBy: { id: 3n } }), false);
      assert.equal((await stars.countBy("visits")).get(3), 1);
      assert.deepEqual(await stars.distinct("status"), ["old", "new"].sort());
      assert.deepEqual(await stars.aggregate({ count: true }), [{ count: 3 }]);
      const streamed = await Array.fromAsync(stars.stream(ORDER));
      assert.deepEqual(names(streamed), shown);
      assert.equal(
        await view.query().count({ model: Star, timeout: 60_000 }),
        3,
      );
      assert.equal(await db.query(Star).count(), 5);
      assert.equal(await db.use(softDelete).query(Star).count(), 5);
    },
  ),
  behaviour(
    "a filter of middleware hides rows of relations, loaded and in filters",
    async (db) => {
      const view = await withHidden(db);
      const sightings = await view.query(Sighting).findAll({
        orderBy: { star: "asc" },
        include: ["star_row"],
      });
      assert.deepEqual(
        sightings.map(({ star_row }) => star_row?.name),
        ["Algol", undefined],
      );
      const seen = (filterBy: object) =>
        view.query(Sighting).count({ filterBy });
      assert.equal(await seen({ star_row: { is: {} } }), 1);
      assert.equal(await seen({ star_row: { is: null } }), 1);
      assert.equal(await seen({ not: { star_row: { is: { id: 2n } } } }), 2);
      assert.equal(
        await db.query(Sighting).count({
          filterBy: { star_row: { is: {} } } as object,
        }),
        2,
      );
    },
  ),
  behaviour(
    "a filter of middleware hides rows of relations that are limited or counted",
    async (db) => {
      await fillStars(db);
      await db.query(Sighting).bulkInsert(
        [1, 2, 3, 4].map((night) => ({ star: 1n, night, quality: 1 })),
      );
      const view = db.use(
        rowFilter((model) =>
          model.name === "sighting" ? { night: { notIn: [1, 4] } } : undefined
        ),
      );
      const [star] = await view.query(Star).findAll({
        filterBy: { id: 1n },
        include: {
          sightings: { orderBy: { night: "desc" }, limit: 1 },
        },
        counts: ["sightings"],
      });
      assert.deepEqual(star?.sightings.map(({ night }) => night), [3]);
      assert.equal(star?.counts.sightings, 2);
    },
  ),
  behaviour(
    "a filter of middleware protects hidden rows from every update and delete",
    async (db) => {
      const view = await withHidden(db);
      const stars = view.query(Star);
      const all = { filterBy: {} };
      assert.equal(await stars.updateAll({ ...all, set: { visits: 7 } }), 3);
      assert.deepEqual(
        await stars.bulkUpdate([
          { id: 1n, visits: 8 },
          { id: 2n, visits: 8 },
          [{ id: 3n }, { visits: 8 }] as never,
        ]),
        { updated: 1, missing: 2 },
      );
      assert.equal(await stars.deleteAll({ filterBy: { id: [2n, -5n] } }), 1);
      assert.equal(
        await view.transaction(async (tx) => {
          await tx.transaction((inner) =>
            inner.query(Star).updateAll({ ...all, set: { visits: 9 } })
          );
          return await tx.query(Star).deleteAll({ ...all, all: true });
        }),
        2,
      );
      const rest = await db.query(Star).findAll(ORDER);
      assert.deepEqual(rest.map(({ id, visits }) => [id, visits]), [
        [2n, 3],
        [3n, 1],
      ]);
    },
  ),
  behaviour(
    "a session of middleware finds hidden rows stale, and writes the others",
    async (db) => {
      const view = await withHidden(db);
      const [one, two] = await db.query(Star).findAll({
        ...ORDER,
        filterBy: { id: [1n, 2n] },
      });
      assert.ok(one && two);
      view.query(Star).update(one, { visits: 11 });
      assert.deepEqual(await view.session.commit(), { updated: 1, deleted: 0 });
      for (const mark of ["update", "delete"] as const) {
        await view.withSession(async (session) => {
          view.query(Star).update(one, { visits: 12 });
          if (mark === "delete") view.query(Star).delete(two);
          else view.query(Star).update(two, { visits: 12 });
          await assert.rejects(session.commit(), StaleRowError);
        });
      }
      const rows = await db.query(Star).findAll({
        ...ORDER,
        filterBy: { id: [1n, 2n] },
      });
      assert.deepEqual(rows.map(({ visits }) => visits), [11, 3]);
      assert.notEqual(view.session, db.session);
    },
  ),
  behaviour(
    "getOrCreate through a filter of middleware never returns a hidden row",
    async (db) => {
      const view = await withHidden(db);
      const stars = view.query(Star);
      await assert.rejects(
        stars.getOrCreate({ filterBy: { id: 2n }, name: "other" }),
        DuplicateKeyError,
      );
      const [found, isNew] = await stars.getOrCreate({
        filterBy: { id: 1n },
        name: "x",
      });
      assert.deepEqual([found.name, isNew], ["Algol", false]);
      const [, isCreated] = await stars.getOrCreate({
        filterBy: { id: 70n },
        name: "Vega",
      });
      assert.ok(isCreated);
    },
  ),
];
