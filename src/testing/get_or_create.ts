import assert from "node:assert/strict";
import {
  DuplicateKeyError,
  QueryError,
  ValidationError,
} from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Stamp, Star } from "./models.ts";
import { fillStars } from "./stars.ts";

/** `getOrCreate`. */
export const getOrCreate: readonly Behaviour[] = [
  behaviour(
    "getOrCreate creates a missing row, then finds it and does not change it",
    async (db) => {
      const query = db.query(Star);
      const [created, first] = await query.getOrCreate({
        filterBy: { id: 7n },
        name: "Vega",
        mag: 0.03,
      });
      const [found, second] = await query.getOrCreate({
        filterBy: { id: 7n },
        name: "Wega",
        mag: 1,
      });
      assert.deepEqual([first, second], [true, false]);
      assert.deepEqual({ ...found }, { ...created });
      assert.deepEqual([
        created.name,
        created.mag,
        created.status,
        created.seen,
      ], [
        "Vega",
        0.03,
        "new",
        null,
      ]);
      assert.equal(String(created), "<Star(id=7)>");
    },
  ),
  behaviour(
    "getOrCreate finds a row by a unique key and by a key of two fields",
    async (db) => {
      await fillStars(db);
      const [mira, created] = await db.query(Star).getOrCreate({
        filterBy: { name: "Mira" },
        id: 99n,
      });
      assert.deepEqual([mira.id, created], [2n, false]);
      const key = { star: 1n, night: 5 };
      assert.equal(
        (await db.query(Sighting).getOrCreate({ filterBy: key, quality: 1 }))[
          1
        ],
        true,
      );
      assert.equal(
        (await db.query(Sighting).getOrCreate({ filterBy: key }))[1],
        false,
      );
    },
  ),
  behaviour(
    "getOrCreate takes the value of the filter, not of an attribute of the same name",
    async (db) => {
      const [row] = await db.query(Star).getOrCreate({
        filterBy: { id: 7n },
        id: 8n,
        name: "Vega",
      });
      assert.equal(row.id, 7n);
    },
  ),
  behaviour(
    "getOrCreate finds an existing row even if attributes are missing or wrong",
    async (db) => {
      await fillStars(db);
      const [row, created] = await db.query(Star).getOrCreate({
        filterBy: { id: 2n },
      });
      assert.deepEqual([row.name, created], ["Mira", false]);
      const wrong: object = { visits: "many" };
      assert.equal(
        (await db.query(Star).getOrCreate({ filterBy: { id: 2n }, ...wrong }))[
          1
        ],
        false,
      );
    },
  ),
  behaviour(
    "getOrCreate checks the attributes before it creates a row",
    async (db) => {
      await assert.rejects(
        db.query(Star).getOrCreate({ filterBy: { id: 7n } }),
        (error) => {
          assert.ok(error instanceof ValidationError);
          assert.deepEqual(
            error.rows.map(({ field, reason }) => [field, reason]),
            [["name", "is required"]],
          );
          return true;
        },
      );
      const unknown: object = { nmae: "Vega" };
      await assert.rejects(
        db.query(Star).getOrCreate({
          filterBy: { id: 7n },
          name: "Vega",
          ...unknown,
        }),
        /nmae is not a field of star; did you mean name\?/,
      );
      assert.equal(await db.query(Star).count(), 0);
    },
  ),
  behaviour(
    "getOrCreate rejects a filter that does not cover a key, and names the keys",
    async (db) => {
      for (
        const filterBy of [
          { mag: 3 },
          { id: { gte: 3n } },
          { id: [1n, 2n] },
          {},
          { id: null as never },
        ]
      ) {
        await assert.rejects(
          db.query(Star).getOrCreate({ filterBy, name: "x" }),
          (error) =>
            error instanceof QueryError &&
            /\(id\) or \(name\)/.test(error.message),
        );
      }
    },
  ),
  behaviour(
    "getOrCreate throws DuplicateKeyError if an existing row has the key but does not match the filter",
    async (db) => {
      await fillStars(db);
      await assert.rejects(
        db.query(Star).getOrCreate({
          filterBy: { id: 2n, visits: 77 },
          name: "Mira",
        }),
        DuplicateKeyError,
      );
      await assert.rejects(
        db.query(Star).getOrCreate({ filterBy: { id: 77n }, name: "Mira" }),
        DuplicateKeyError,
      );
      assert.equal(await db.query(Star).count(), 5);
    },
  ),
  behaviour(
    "a hundred concurrent calls of getOrCreate create one row",
    async (db) => {
      const answers = await Promise.all(
        Array.from(
          { length: 100 },
          (_, index) =>
            db.query(Star).getOrCreate({
              filterBy: { id: 7n },
              name: "Vega",
              visits: index,
            }),
        ),
      );
      assert.equal(answers.filter(([, created]) => created).length, 1);
      assert.equal(new Set(answers.map(([row]) => row.visits)).size, 1);
      assert.equal(await db.query(Star).count(), 1);
    },
  ),
  behaviour(
    "getOrCreate applies defaults and onUpdate to a new row",
    async (db) => {
      const [row] = await db.query(Stamp).getOrCreate({
        filterBy: { id: 1 },
        value: NaN,
      });
      assert.deepEqual({ ...row }, { id: 1, value: null, touched: 0 });
    },
  ),
];
