import assert from "node:assert/strict";
import { MultipleRowsError } from "../errors.ts";
import { stringify } from "../model/row.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";
import { BIG, fillStars, names, plain, STARS } from "./stars.ts";

/** What comes back of what was written. */
export const reading: readonly Behaviour[] = [
  behaviour(
    "rows come back with every value of the type it had",
    async (db) => {
      await fillStars(db);
      const row = await db.query(Star).findOne({ filterBy: { id: 1n } });
      assert.deepEqual({ ...row }, STARS[0]);
    },
  ),
  behaviour(
    "a field that was not given is null, or its default",
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
  behaviour("extreme values survive to the bit", async (db) => {
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
    "single precision is the same number on both sides of a write",
    async (db) => {
      await db.query(Star).bulkInsert([{ id: 1n, name: "a", flux: 0.1 }]);
      const row = await db.query(Star).findOne({ filterBy: { flux: 0.1 } });
      assert.equal(row?.flux, Math.fround(0.1));
    },
  ),
  behaviour("text of any kind survives", async (db) => {
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
      texts.map((name, place) => ({
        id: BigInt(place),
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
    "dates are exact to the millisecond, before 1970 and before Christ",
    async (db) => {
      const dates = [
        "1783-05-12T21:00:00.001Z",
        "-000043-03-15T12:00:00.999Z",
        "9999-12-31T23:59:59.999Z",
        "+012345-01-01T00:00:00Z",
      ]
        .map((text) => new Date(text));
      await db.query(Star).bulkInsert(
        dates.map((seen, place) => ({
          id: BigInt(place),
          name: String(place),
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
    "a row prints its key and goes through JSON with exact integers",
    async (db) => {
      await fillStars(db);
      const row = await db.query(Star).findOne({ filterBy: { id: BIG } });
      assert.equal(String(row), `<Star(id=${BIG})>`);
      assert.equal(JSON.parse(JSON.stringify(row)).id, String(BIG));
      assert.equal(JSON.parse(stringify({ ...row })).id, String(BIG));
    },
  ),
  behaviour("findAll gives every row", async (db) => {
    assert.deepEqual(await db.query(Star).findAll(), []);
    await fillStars(db);
    assert.equal((await db.query(Star).findAll()).length, STARS.length);
  }),
  behaviour("select gives those fields and no others", async (db) => {
    await fillStars(db);
    const rows = await db.query(Star).findAll({
      filterBy: { id: [1n, 2n] },
      orderBy: { id: "asc" },
      select: ["name", "visits"],
    });
    assert.deepEqual(plain(rows), [{ name: "Algol", visits: 3 }, {
      name: "Mira",
      visits: 3,
    }]);
  }),
  behaviour(
    "null stands last, ascending and descending, or first on request",
    async (db) => {
      await fillStars(db);
      const ordered = async (
        mag: "asc" | "desc" | {
          direction: "asc" | "desc";
          nulls: "first" | "last";
        },
      ) => names(await db.query(Star).findAll({ orderBy: { mag, id: "asc" } }));
      const down = ["Mira", "Algol", "algol", "Ω Cen"];
      assert.deepEqual(await ordered("asc"), [
        "Ω Cen",
        "Algol",
        "algol",
        "Mira",
        "Deneb_100%",
      ]);
      assert.deepEqual(await ordered("desc"), [...down, "Deneb_100%"]);
      assert.deepEqual(await ordered({ direction: "desc", nulls: "first" }), [
        "Deneb_100%",
        ...down,
      ]);
    },
  ),
  behaviour("equal rows are ordered by the primary key", async (db) => {
    await fillStars(db);
    const rows = await db.query(Star).findAll({ orderBy: { visits: "desc" } });
    assert.deepEqual(names(rows), [
      "Algol",
      "Mira",
      "algol",
      "Ω Cen",
      "Deneb_100%",
    ]);
  }),
  behaviour("text is ordered by code point", async (db) => {
    await fillStars(db);
    const rows = await db.query(Star).findAll({ orderBy: { name: "asc" } });
    assert.deepEqual(names(rows), [
      "Algol",
      "Deneb_100%",
      "Mira",
      "algol",
      "Ω Cen",
    ]);
  }),
  behaviour(
    "limit and offset count off in the order of the key",
    async (db) => {
      await fillStars(db);
      const rows = await db.query(Star).findAll({ limit: 2, offset: 1 });
      assert.deepEqual(rows.map(({ id }) => id), [1n, 2n]);
      assert.deepEqual(await db.query(Star).findAll({ limit: 0 }), []);
    },
  ),
  behaviour("findOne gives the row, or null, or refuses two", async (db) => {
    await fillStars(db);
    assert.equal(
      (await db.query(Star).findOne({ filterBy: { name: "Mira" } }))?.id,
      2n,
    );
    assert.equal(
      await db.query(Star).findOne({ filterBy: { name: "Nix" } }),
      null,
    );
    await assert.rejects(
      db.query(Star).findOne({ filterBy: { visits: 3 } }),
      MultipleRowsError,
    );
  }),
  behaviour("first gives the first in the order, or null", async (db) => {
    await fillStars(db);
    assert.equal(
      (await db.query(Star).first({ orderBy: { mag: "desc" } }))?.name,
      "Mira",
    );
    assert.equal((await db.query(Star).first())?.name, "Ω Cen");
    assert.equal(
      await db.query(Star).first({ filterBy: { visits: 99 } }),
      null,
    );
  }),
  behaviour(
    "checkExists and count answer for all rows and for a filter",
    async (db) => {
      assert.equal(await db.query(Star).checkExists(), false);
      await fillStars(db);
      assert.equal(await db.query(Star).checkExists(), true);
      assert.equal(
        await db.query(Star).checkExists({ filterBy: { visits: 99 } }),
        false,
      );
      assert.equal(await db.query(Star).count(), 5);
      assert.equal(await db.query(Star).count({ filterBy: { visits: 3 } }), 2);
      assert.equal(await db.query(Star).count({ max: 4 }), 4);
      assert.equal(await db.query(Star).count({ max: 0 }), 0);
    },
  ),
  behaviour("queries name their model in each call too", async (db) => {
    await db.query().bulkInsert(STARS, { model: Star });
    assert.equal(await db.query().count({ model: Star }), 5);
    assert.equal(
      (await db.query().findOne({ model: Star, filterBy: { id: 2n } }))?.name,
      "Mira",
    );
    const page = await db.query().find({ model: Star, perPage: 2 });
    assert.equal(page.total, 5);
    const [row, created] = await db.query().getOrCreate({
      model: Star,
      filterBy: { id: 2n },
      name: "x",
    });
    assert.deepEqual([row.name, created], ["Mira", false]);
    assert.equal(
      await db.query().deleteAll({ model: Star, filterBy: { id: 2n } }),
      1,
    );
  }),
];
