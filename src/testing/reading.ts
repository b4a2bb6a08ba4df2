import assert from "node:assert/strict";
import { MultipleRowsError, QueryError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";
import { fillStars, names, plain, STARS } from "./stars.ts";

/** Methods that return rows: which rows, in which order. */
export const reading: readonly Behaviour[] = [
  behaviour("findAll returns every row", async (db) => {
    assert.deepEqual(await db.query(Star).findAll(), []);
    await fillStars(db);
    assert.equal((await db.query(Star).findAll()).length, STARS.length);
  }),
  behaviour("select returns only the listed fields", async (db) => {
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
    "nulls are last in both directions, or first on request",
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
  behaviour(
    "rows with equal order values are ordered by the primary key",
    async (db) => {
      await fillStars(db);
      const rows = await db.query(Star).findAll({
        orderBy: { visits: "desc" },
      });
      assert.deepEqual(names(rows), [
        "Algol",
        "Mira",
        "algol",
        "Ω Cen",
        "Deneb_100%",
      ]);
    },
  ),
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
    "limit and offset count in the order of the key",
    async (db) => {
      await fillStars(db);
      const rows = await db.query(Star).findAll({ limit: 2, offset: 1 });
      assert.deepEqual(rows.map(({ id }) => id), [1n, 2n]);
      assert.deepEqual(await db.query(Star).findAll({ limit: 0 }), []);
    },
  ),
  behaviour(
    "limit, offset, and batchSize must be whole numbers",
    async (db) => {
      await fillStars(db);
      const query = db.query(Star);
      for (const wrong of [-1, 0.5, NaN, Infinity, "1", null, 2n]) {
        for (const name of ["limit", "offset"] as const) {
          const options: object = { [name]: wrong };
          await assert.rejects(
            async () => await query.findAll(options),
            (error) =>
              error instanceof QueryError && error.message.includes(name),
            `${name} ${wrong}`,
          );
        }
      }
      for (const wrong of [-1, 1.5, NaN, "1"]) {
        const options: object = { batchSize: wrong };
        await assert.rejects(
          async () => await Array.fromAsync(query.stream(options)),
          (error) =>
            error instanceof QueryError && error.message.includes("batchSize"),
          `batchSize ${wrong}`,
        );
      }
    },
  ),
  behaviour(
    "findOne returns the row or null, and throws if two rows match",
    async (db) => {
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
    },
  ),
  behaviour("first returns the first row in the order, or null", async (db) => {
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
    "checkExists and count work for all rows and for a filter",
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
  behaviour(
    "a query without a model takes the model in each call",
    async (db) => {
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
    },
  ),
];
