import assert from "node:assert/strict";
import { stringify } from "../model/row.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";
import { BIG, fillStars, names, STARS } from "./stars.ts";

/** Values are read as they were written. */
export const values: readonly Behaviour[] = [
  behaviour(
    "a row is read with every value and type that was written",
    async (db) => {
      await fillStars(db);
      const row = await db.query(Star).findOne({ filterBy: { id: 1n } });
      assert.deepEqual({ ...row }, STARS[0]);
    },
  ),
  behaviour(
    "a missing field is null, or has its default",
    async (db) => {
      await fillStars(db);
      const row = await db.query(Star).findOne({ filterBy: { id: 3n } });
      assert.deepEqual({ ...row }, {
        ...STARS[2],
        seen: null,
        labels: null,
        kind: null,
        uid: null,
        notes: null,
        status: "new",
      });
    },
  ),
  behaviour("extreme values are stored exactly", async (db) => {
    const extremes = [
      {
        id: 2n ** 63n - 1n,
        name: "max",
        mag: Number.MAX_VALUE,
        visits: 2147483647,
      },
      { id: -(2n ** 63n), name: "min", mag: 5e-324, visits: -2147483648 },
      { id: BIG, name: "", mag: -Number.MAX_VALUE, flux: Math.fround(0.1) },
      {
        id: 0n,
        name: "0.1",
        mag: 0.1,
        flux: Math.fround(3.4e38),
        labels: [""],
      },
    ];
    await db.query(Star).bulkInsert(extremes);
    for (const extreme of extremes) {
      const row = await db.query(Star).findOne({
        filterBy: { id: extreme.id },
      });
      assert.deepEqual({ ...row, ...extreme }, { ...row });
    }
  }),
  behaviour(
    "a float32 field is matched and read in single precision",
    async (db) => {
      await db.query(Star).bulkInsert([{ id: 1n, name: "a", flux: 0.1 }]);
      const row = await db.query(Star).findOne({ filterBy: { flux: 0.1 } });
      assert.equal(row?.flux, Math.fround(0.1));
    },
  ),
  behaviour(
    "a float32 field takes every number that rounds to a finite float32 other than 0",
    async (db) => {
      const flux = [0, -0, 1e-45, 7.1e-46, -1e-40, 3.4028235e38, -3.4028235e38];
      await db.query(Star).bulkInsert(
        flux.map((flux, index) => ({
          id: BigInt(index),
          name: `star ${index}`,
          flux,
        })),
      );
      const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
      assert.deepEqual(rows.map(({ flux }) => flux), flux.map(Math.fround));
      assert.equal(
        await db.query(Star).count({ filterBy: { flux: { gt: 1e-46 } } }),
        3,
      );
      assert.equal(
        await db.query(Star).count({ filterBy: { flux: { lte: -1e-46 } } }),
        2,
      );
    },
  ),
  behaviour("text with special characters is stored exactly", async (db) => {
    const texts = [
      "'; drop table star; --",
      '"',
      "\\",
      "\t\n\r",
      "NULL",
      "{a,b}",
      "é ☉ 🔭",
      "$1",
      "%_",
    ];
    await db.query(Star).bulkInsert(
      texts.map((name, index) => ({
        id: BigInt(index),
        name,
        labels: [name, "NULL", ""],
      })),
    );
    const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
    assert.deepEqual(names(rows), texts);
    assert.deepEqual(
      rows.map(({ labels }) => labels),
      texts.map((text) => [text, "NULL", ""]),
    );
  }),
  behaviour(
    "dates are exact to the millisecond, also before 1970 and before Christ",
    async (db) => {
      const dates = [
        "1783-05-12T21:00:00.001Z",
        "-000043-03-15T12:00:00.999Z",
        "9999-12-31T23:59:59.999Z",
        "+012345-01-01T00:00:00Z",
      ]
        .map((text) => new Date(text));
      await db.query(Star).bulkInsert(
        dates.map((seen, index) => ({
          id: BigInt(index),
          name: String(index),
          seen,
        })),
      );
      const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
      assert.deepEqual(rows.map(({ seen }) => seen), dates);
      assert.ok(
        await db.query(Star).checkExists({
          filterBy: { seen: dates[1] ?? null },
        }),
      );
    },
  ),
  behaviour(
    "a row prints its key, and serialises to JSON with exact integers",
    async (db) => {
      await fillStars(db);
      const row = await db.query(Star).findOne({ filterBy: { id: BIG } });
      assert.equal(String(row), `<Star(id=${BIG})>`);
      assert.equal(JSON.parse(JSON.stringify(row)).id, String(BIG));
      assert.equal(JSON.parse(stringify({ ...row })).id, String(BIG));
    },
  ),
];
