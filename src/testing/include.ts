import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { QueryError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star } from "./models.ts";
import { fillStars } from "./stars.ts";

async function fill(db: Connection): Promise<void> {
  await fillStars(db);
  await db.query(Sighting).bulkInsert([
    { star: 1n, night: 2, quality: 0.5 },
    { star: 1n, night: 1, quality: 0.25 },
    { star: 2n, night: 1, quality: 1 },
    { star: 404n, night: 1, quality: 1 },
  ]);
}

/** The option `include`, and unknown fields in other options. */
export const include: readonly Behaviour[] = [
  behaviour(
    "include adds related rows to each row, in the order of the relation",
    async (db) => {
      await fill(db);
      const rows = await db.query(Star).findAll({
        filterBy: { id: [1n, 2n, 3n] },
        orderBy: { id: "asc" },
        include: ["sightings"],
      });
      assert.deepEqual(
        rows.map(({ sightings }) => sightings.map(({ night }) => night)),
        [[1, 2], [1], []],
      );
      assert.equal(
        String(rows[0]?.sightings[0]),
        "<Sighting(star=1, night=1)>",
      );
    },
  ),
  behaviour("include accepts an object of relations", async (db) => {
    await fill(db);
    const stars = db.query(Star);
    const options = { filterBy: { id: 1n } };
    const [named] = await stars.findAll({
      ...options,
      include: { sightings: true },
    });
    const [listed] = await stars.findAll({
      ...options,
      include: ["sightings"],
    });
    assert.equal(named?.sightings.length, 2);
    assert.deepEqual(named, listed);
    assert.deepEqual(
      await stars.findAll({ ...options, include: {} }),
      await stars.findAll(options),
    );
    const untyped: Record<string, unknown> = { include: { sightings: false } };
    await assert.rejects(
      stars.findAll(untyped),
      (error) =>
        error instanceof QueryError && error.field === "sightings" &&
        error.message.includes("must be true or an object"),
    );
    await assert.rejects(
      stars.findAll({ ...untyped, include: { sightngs: true } } as object),
      (error) => error instanceof QueryError && error.nearest === "sightings",
    );
  }),
  behaviour("a relation to one row returns the row or null", async (db) => {
    await fill(db);
    const rows = await db.query(Sighting).findAll({
      orderBy: { star: "asc", night: "asc" },
      include: ["star_row"],
    });
    assert.deepEqual(rows.map(({ star_row }) => star_row?.name ?? null), [
      "Algol",
      "Algol",
      "Mira",
      null,
    ]);
  }),
  behaviour(
    "rows with the same related rows have separate lists",
    async (db) => {
      await fill(db);
      const rows = await db.query(Sighting).findAll({
        filterBy: { star: 1n },
        orderBy: { night: "asc" },
        include: ["of_star", "star_row"],
      });
      for (const row of rows) row.of_star.pop();
      assert.deepEqual(
        rows.map(({ of_star }) => of_star.map(({ night }) => night)),
        [[2], [2]],
      );
      assert.deepEqual(rows.map(({ star_row }) => star_row?.name), [
        "Algol",
        "Algol",
      ]);
    },
  ),
  behaviour(
    "include works with select, pages, findOne, first and streams",
    async (db) => {
      await fill(db);
      const [selected] = await db.query(Star).findAll({
        filterBy: { id: 1n },
        select: ["name"],
        include: ["sightings"],
      });
      assert.deepEqual(Object.keys(selected ?? {}).sort(), [
        "name",
        "sightings",
      ]);
      assert.equal(selected?.sightings.length, 2);
      const page = await db.query(Star).find({
        include: ["sightings"],
        perPage: 2,
      });
      assert.deepEqual(page.items.map(({ sightings }) => sightings.length), [
        0,
        2,
      ]);
      const one = await db.query(Star).findOne({
        filterBy: { id: 2n },
        include: ["sightings"],
      });
      assert.equal(one?.sightings.length, 1);
      const first = await db.query(Star).first({
        filterBy: { id: 2n },
        include: ["sightings"],
      });
      assert.equal(first?.sightings.length, 1);
      let count = 0;
      for await (
        const { sightings } of db.query(Star).stream({
          batchSize: 2,
          include: ["sightings"],
        })
      ) count += sightings.length;
      assert.equal(count, 3);
    },
  ),
  behaviour("rows with relations serialise to JSON", async (db) => {
    await fill(db);
    const row = await db.query(Star).findOne({
      filterBy: { id: 2n },
      include: ["sightings"],
    });
    const { sightings } = JSON.parse(JSON.stringify(row));
    assert.deepEqual(sightings, [{
      star: "2",
      night: 1,
      mag: null,
      quality: 1,
    }]);
  }),
  behaviour(
    "the error for an unknown relation has the nearest name",
    async (db) => {
      const include = ["sighting"] as never[];
      await assert.rejects(
        async () => await db.query(Star).findAll({ include }),
        (error) => error instanceof QueryError && error.nearest === "sightings",
      );
    },
  ),
  behaviour(
    "the error for an unknown field in orderBy or select has the nearest name",
    async (db) => {
      const orderBy: object = { magg: "asc" };
      const select = ["visit"] as never[];
      const wrong: object = { mag: "ascending" };
      await assert.rejects(
        async () => await db.query(Star).findAll({ orderBy }),
        (error) => error instanceof QueryError && error.nearest === "mag",
      );
      await assert.rejects(
        async () => await db.query(Star).findAll({ select }),
        (error) => error instanceof QueryError && error.nearest === "visits",
      );
      await assert.rejects(
        async () => await db.query(Star).findAll({ orderBy: wrong }),
        (error) => error instanceof QueryError && error.nearest === "asc",
      );
      await assert.rejects(
        async () => await db.query(Star).findAll({ select: [] }),
        QueryError,
      );
      await assert.rejects(
        async () => await db.query(Star).findAll({ limit: -1 }),
        QueryError,
      );
      await assert.rejects(
        async () => await db.query(Star).findAll({ orderBy: { notes: "asc" } }),
        /no order/,
      );
    },
  ),
];
