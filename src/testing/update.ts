import assert from "node:assert/strict";
import {
  DuplicateKeyError,
  QueryError,
  ValidationError,
} from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Stamp, Star } from "./models.ts";
import { fillStars, names, STARS, starsById } from "./stars.ts";

/** `bulkUpdate`, `updateAll` and `deleteAll`. */
export const update: readonly Behaviour[] = [
  behaviour(
    "bulkUpdate changes each row by its key, and counts missing keys",
    async (db) => {
      await fillStars(db);
      const outcome = await db.query(Star).bulkUpdate([
        { id: 1n, mag: 10 },
        { id: 2n, visits: 20, labels: ["a", "b,c"] },
        { id: 77n, mag: 1 },
        { id: 1n, mag: 11, visits: null },
      ]);
      assert.deepEqual(outcome, { updated: 3, missing: 1 });
      const rows = await db.query(Star).findAll({
        filterBy: { id: [1n, 2n] },
        orderBy: { id: "asc" },
      });
      assert.deepEqual(
        rows.map(({ mag, visits, labels }) => [mag, visits, labels]),
        [
          [11, null, ["eclipsing", "binary"]],
          [6.5, 20, ["a", "b,c"]],
        ],
      );
    },
  ),
  behaviour(
    "bulkUpdate takes pairs of a filter and its changes",
    async (db) => {
      await fillStars(db);
      const outcome = await db.query(Star).bulkUpdate([
        [{ visits: 3 }, { status: "seen" }],
        [{ name: "Nix" }, { status: "seen" }],
      ]);
      assert.deepEqual(outcome, { updated: 2, missing: 1 });
      assert.deepEqual(
        names(
          await db.query(Star).findAll({
            filterBy: { status: "seen" },
            orderBy: { id: "asc" },
          }),
        ),
        ["Algol", "Mira"],
      );
    },
  ),
  behaviour("an invalid change in bulkUpdate changes nothing", async (db) => {
    await fillStars(db);
    const rows = [{ id: 1n, mag: 10 }, { id: 2n, mag: NaN }];
    await assert.rejects(
      db.query(Star).bulkUpdate(rows),
      (error) => error instanceof ValidationError && error.rows[0]?.index === 1,
    );
    await assert.rejects(
      db.query(Star).bulkUpdate([{ id: 1n, mag: 10 }, { mag: 3 }]),
      /id is required: it is part of the primary key/,
    );
    await assert.rejects(
      db.query(Star).bulkUpdate([{ id: 1n, mag: 10 }, { id: 2n }]),
      /^QueryError: Cannot update star row 1: it contains only the primary key\. Add the fields to change\. No row was written$/,
    );
    assert.equal(
      (await db.query(Star).findOne({ filterBy: { id: 1n } }))?.mag,
      2.12,
    );
  }),
  behaviour(
    "bulkUpdate changes thousands of rows, with values of every type",
    async (db) => {
      await db.query(Star).bulkInsert(
        Array.from(
          { length: 3_000 },
          (_, index) => ({ id: BigInt(index), name: `s${index}` }),
        ),
      );
      const [full] = STARS;
      const changed = await db.query(Star).bulkUpdate(
        Array.from(
          { length: 3_000 },
          (_, index) => ({ ...full, id: BigInt(index), name: `t${index}` }),
        ),
      );
      assert.deepEqual(changed, { updated: 3_000, missing: 0 });
      const row = await db.query(Star).findOne({ filterBy: { id: 2_999n } });
      assert.deepEqual({ ...row }, { ...full, id: 2_999n, name: "t2999" });
    },
  ),
  behaviour(
    "updateAll changes every matching row, and returns their number",
    async (db) => {
      await fillStars(db);
      const set = { visits: null, status: "x", labels: ["l"], notes: [1, "2"] };
      assert.equal(
        await db.query(Star).updateAll({ filterBy: { visits: 3 }, set }),
        2,
      );
      const row = await db.query(Star).findOne({ filterBy: { name: "Mira" } });
      assert.deepEqual({ ...row, ...set }, { ...row });
      assert.equal(
        await db.query(Star).updateAll({
          filterBy: { or: [] },
          set: { status: "y" },
        }),
        0,
      );
    },
  ),
  behaviour(
    "updateAll that gives several rows the same unique value changes none, whatever finds them",
    async (db) => {
      await fillStars(db);
      const before = await starsById(db);
      for (
        const filterBy of [
          { id: { gte: 1n } },
          { id: { gte: 1n, ne: 3n } },
          { id: { ne: 1n } },
          { id: { between: [1n, 3n] } },
          { name: { gt: "A" } },
          { id: [1n, 2n] },
          { id: { notIn: [1n] } },
          { visits: 3 },
          {},
        ] as const
      ) {
        await assert.rejects(
          db.query(Star).updateAll({ filterBy, set: { name: "Vega" } }),
          DuplicateKeyError,
        );
        assert.deepEqual(await starsById(db), before);
      }
    },
  ),
  behaviour(
    "updateAll rejects unknown fields, invalid values and an empty set",
    async (db) => {
      await fillStars(db);
      const update = (set: object) =>
        db.query(Star).updateAll({ filterBy: {}, set });
      await assert.rejects(
        update({ magg: 1 }),
        (error) =>
          error instanceof QueryError && error.field === "magg" &&
          error.nearest === "mag",
      );
      await assert.rejects(update({ mag: "bright" }), ValidationError);
      await assert.rejects(update({ name: null }), ValidationError);
      await assert.rejects(update({}), /sets no field/);
      assert.deepEqual(
        (await db.query(Star).findOne({ filterBy: { id: 2n } }))?.mag,
        6.5,
      );
    },
  ),
  behaviour("onUpdate applies to bulkUpdate and updateAll", async (db) => {
    const query = db.query(Stamp);
    await query.bulkInsert([{ id: 1, value: 1 }]);
    await query.bulkUpdate([{ id: 1, value: 2 }]);
    const first = (await query.first())?.touched ?? 0;
    await query.updateAll({ filterBy: { id: 1 }, set: { value: 3 } });
    const second = (await query.first())?.touched ?? 0;
    assert.ok(0 < first && first < second);
  }),
  behaviour(
    "deleteAll removes matching rows, and every row only with all: true",
    async (db) => {
      await fillStars(db);
      assert.equal(
        await db.query(Star).deleteAll({ filterBy: { visits: 3 } }),
        2,
      );
      const EVERY = [
        ...[{}, { and: [] }, { or: [{}, { visits: 3 }] }, { not: { or: [] } }],
        ...[{ name: { notIn: [] } }, { not: { visits: [] } }],
      ];
      for (const filterBy of EVERY) {
        await assert.rejects(
          db.query(Star).deleteAll({ filterBy }),
          /pass all: true/,
        );
      }
      assert.equal(await db.query(Star).count(), 3);
      assert.equal(
        await db.query(Star).deleteAll({ filterBy: {}, all: true }),
        3,
      );
    },
  ),
];
