import assert from "node:assert/strict";
import {
  DuplicateKeyError,
  QueryError,
  ValidationError,
} from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Stamp, Star, type StarInsert } from "./models.ts";
import { fillStars, names, STARS } from "./stars.ts";

const many = (count: number): StarInsert[] =>
  Array.from(
    { length: count },
    (_, place) => ({
      id: BigInt(place),
      name: `star ${place}`,
      mag: place / 7,
    }),
  );

/** `bulkInsert`. */
export const bulkInsert: readonly Behaviour[] = [
  behaviour("bulkInsert counts what it wrote", async (db) => {
    assert.deepEqual(await db.query(Star).bulkInsert(STARS), {
      inserted: 5,
      ignored: 0,
    });
    assert.deepEqual(await db.query(Star).bulkInsert([]), {
      inserted: 0,
      ignored: 0,
    });
    assert.equal(await db.query(Star).count(), 5);
  }),
  behaviour(
    "bulkInsert takes arrays, iterables that can be read once, and async ones",
    async (db) => {
      const rows = many(30);
      const once = (function* () {
        yield* rows.slice(0, 10);
      })();
      const arriving = (async function* () {
        for (const row of rows.slice(10, 20)) {
          await Promise.resolve();
          yield row;
        }
      })();
      assert.equal((await db.query(Star).bulkInsert(once)).inserted, 10);
      assert.equal((await db.query(Star).bulkInsert(arriving)).inserted, 10);
      assert.equal(
        (await db.query(Star).bulkInsert(new Set(rows.slice(20)))).inserted,
        10,
      );
      assert.equal(await db.query(Star).count(), 30);
    },
  ),
  behaviour("bulkInsert takes a stream of the same database", async (db) => {
    await db.query(Star).bulkInsert(many(50));
    const copies = (async function* () {
      for await (const { id } of db.query(Star).stream({ batchSize: 7 })) {
        yield { star: id, night: 1, quality: 1 };
      }
    })();
    assert.equal((await db.query(Sighting).bulkInsert(copies)).inserted, 50);
  }),
  behaviour(
    "bulkInsert passes over rows whose primary or unique key is there, and leaves those as they are",
    async (db) => {
      await fillStars(db);
      const outcome = await db.query(Star).bulkInsert([
        { id: 2n, name: "other", mag: 1 },
        { id: 100n, name: "Mira", mag: 1 },
        { id: 101n, name: "Vega", mag: 0 },
      ]);
      assert.deepEqual(outcome, { inserted: 1, ignored: 2 });
      assert.equal(
        (await db.query(Star).findOne({ filterBy: { id: 2n } }))?.mag,
        6.5,
      );
      assert.equal(await db.query(Star).count(), 6);
    },
  ),
  behaviour(
    "a source that can be read once loses nothing to a collision",
    async (db) => {
      await db.query(Star).bulkInsert(many(1));
      const source = (function* () {
        yield* many(2_000).reverse();
      })();
      assert.deepEqual(await db.query(Star).bulkInsert(source), {
        inserted: 1_999,
        ignored: 1,
      });
      assert.equal(await db.query(Star).count(), 2_000);
    },
  ),
  behaviour("of rows with one key in a batch the first counts", async (db) => {
    const outcome = await db.query(Star).bulkInsert([
      { id: 1n, name: "first", mag: 1 },
      { id: 1n, name: "second", mag: 2 },
      { id: 2n, name: "first", mag: 3 },
    ]);
    assert.deepEqual(outcome, { inserted: 1, ignored: 2 });
    assert.deepEqual(names(await db.query(Star).findAll()), ["first"]);
  }),
  behaviour(
    "with onConflict error a taken key is an error, and nothing is written",
    async (db) => {
      await fillStars(db);
      await assert.rejects(
        db.query(Star).bulkInsert([{ id: 50n, name: "Vega" }, {
          id: 2n,
          name: "x",
        }], { onConflict: "error" }),
        (error) => {
          assert.ok(error instanceof DuplicateKeyError);
          assert.deepEqual([error.table, error.fields], ["star", ["id"]]);
          return true;
        },
      );
      await assert.rejects(
        db.query(Star).bulkInsert([{ id: 50n, name: "Mira" }], {
          onConflict: "error",
        }),
        (error) =>
          error instanceof DuplicateKeyError && error.fields.join() === "name",
      );
      assert.equal(await db.query(Star).count(), 5);
    },
  ),
  behaviour("every problem of a bad row is named", async (db) => {
    const wrong: object = { id: "x", name: 3, mag: NaN };
    await assert.rejects(
      db.query(Star).bulkInsert([wrong as StarInsert]),
      (error) =>
        error instanceof ValidationError &&
        error.rows.map(({ field }) => field).join() === "id,name,mag",
    );
  }),
  behaviour(
    "a bad ten-thousandth row leaves nothing written, from an array or a source",
    async (db) => {
      const rows = many(10_001);
      rows[9_999] = { id: 9_999n, name: "bad", mag: NaN };
      const source = (function* () {
        yield* rows;
      })();
      for (const given of [rows, source]) {
        await assert.rejects(
          db.query(Star).bulkInsert(given),
          (error) =>
            error instanceof ValidationError && error.rows[0]?.index === 9_999,
        );
        assert.equal(await db.query(Star).count(), 0);
      }
    },
  ),
  behaviour(
    "a source that fails leaves nothing written, and its error comes through",
    async (db) => {
      const source = (function* () {
        yield* many(5_000);
        throw new RangeError("the source broke");
      })();
      await assert.rejects(
        db.query(Star).bulkInsert(source),
        /the source broke/,
      );
      assert.equal(await db.query(Star).count(), 0);
    },
  ),
  behaviour("rules of the model beyond types are kept", async (db) => {
    await assert.rejects(
      db.query(Sighting).bulkInsert([{ star: 1n, night: 1, quality: 1.5 }]),
      (error) =>
        error instanceof ValidationError && /Too big/.test(error.message),
    );
  }),
  behaviour(
    "defaults apply row by row, and NaN becomes null where the model says so",
    async (db) => {
      await db.query(Stamp).bulkInsert([{ id: 1, value: NaN }, {
        id: 2,
        value: 1,
        touched: 7,
      }, { id: 3, value: Infinity }]);
      const rows = await db.query(Stamp).findAll({ orderBy: { id: "asc" } });
      assert.deepEqual(rows.map(({ value, touched }) => [value, touched]), [
        [null, 0],
        [1, 7],
        [null, 0],
      ]);
    },
  ),
  behaviour("a safe integer may stand for a 64-bit one", async (db) => {
    const row: object = { id: 12, name: "twelve" };
    await db.query(Star).bulkInsert([row as StarInsert]);
    assert.equal((await db.query(Star).first())?.id, 12n);
  }),
  behaviour("what is no list of rows is refused", async (db) => {
    for (const wrong of [null, undefined, 3, {}]) {
      await assert.rejects(
        async () => await db.query(Star).bulkInsert(wrong as never),
        QueryError,
      );
    }
    const options: object = { onConflict: "ignroe" };
    await assert.rejects(
      async () => await db.query(Star).bulkInsert([], options),
      (error) => error instanceof QueryError && error.nearest === "ignore",
    );
  }),
];
