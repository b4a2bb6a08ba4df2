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
    (_, index) => ({
      id: BigInt(index),
      name: `star ${index}`,
      mag: index / 7,
    }),
  );

/** `bulkInsert`. */
export const bulkInsert: readonly Behaviour[] = [
  behaviour("bulkInsert returns the number of inserted rows", async (db) => {
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
    "bulkInsert takes generators, async iterables and other iterables",
    async (db) => {
      const rows = many(30);
      const once = (function* () {
        yield* rows.slice(0, 10);
      })();
      const asynchronous = (async function* () {
        for (const row of rows.slice(10, 20)) {
          await Promise.resolve();
          yield row;
        }
      })();
      assert.equal((await db.query(Star).bulkInsert(once)).inserted, 10);
      assert.equal(
        (await db.query(Star).bulkInsert(asynchronous)).inserted,
        10,
      );
      assert.equal(
        (await db.query(Star).bulkInsert(new Set(rows.slice(20)))).inserted,
        10,
      );
      assert.equal(await db.query(Star).count(), 30);
    },
  ),
  behaviour("bulkInsert can read a stream of the same database", async (db) => {
    await db.query(Star).bulkInsert(many(50));
    const copies = (async function* () {
      for await (const { id } of db.query(Star).stream({ batchSize: 7 })) {
        yield { star: id, night: 1, quality: 1 };
      }
    })();
    assert.equal((await db.query(Sighting).bulkInsert(copies)).inserted, 50);
  }),
  behaviour(
    "bulkInsert ignores rows with an existing primary or unique key, and does not change the existing rows",
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
    "a duplicate key loses no other row of a generator",
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
  behaviour(
    "bulkInsert writes the first of several rows with the same key",
    async (db) => {
      const outcome = await db.query(Star).bulkInsert([
        { id: 1n, name: "first", mag: 1 },
        { id: 1n, name: "second", mag: 2 },
        { id: 2n, name: "first", mag: 3 },
      ]);
      assert.deepEqual(outcome, { inserted: 1, ignored: 2 });
      assert.deepEqual(names(await db.query(Star).findAll()), ["first"]);
    },
  ),
  behaviour(
    "bulkInsert writes the first of rows that share the second key, whatever their number",
    async (db) => {
      const query = db.query(Star);
      for (const length of [3, 300, 1_500]) {
        const base = BigInt(length) * 10_000n;
        const named = (at: number, name: string) => ({
          id: base + BigInt(at),
          name: `${name} of ${length}`,
        });
        const others = Array.from(
          { length },
          (_, at) => named(at, `star ${at}`),
        );
        assert.equal((await query.bulkInsert(others)).inserted, length);
        // The first row exists, and the keys of the others descend.
        const repeated = Array.from(
          { length },
          (_, at) => named(9_999 - at, `pair ${Math.floor(at / 2)}`),
        );
        const pairs = Math.ceil(length / 2);
        assert.deepEqual(
          await query.bulkInsert([named(0, "again"), ...repeated]),
          { inserted: pairs, ignored: length + 1 - pairs },
        );
        const rows = await query.findAll({
          filterBy: { name: { startsWith: "pair", endsWith: `of ${length}` } },
          orderBy: { id: "desc" },
        });
        assert.deepEqual(
          rows.map(({ id }) => Number(id - base)),
          Array.from({ length: pairs }, (_, at) => 9_999 - 2 * at),
        );
      }
    },
  ),
  behaviour(
    "onConflict error throws DuplicateKeyError for an existing key, and writes nothing",
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
  behaviour(
    "bulkInsert reports every problem of an invalid row",
    async (db) => {
      const wrong: object = { id: "x", name: 3, mag: NaN };
      await assert.rejects(
        db.query(Star).bulkInsert([wrong as StarInsert]),
        (error) =>
          error instanceof ValidationError &&
          error.rows.map(({ field }) => field).join() === "id,name,mag",
      );
    },
  ),
  behaviour(
    "an invalid ten-thousandth row writes nothing, from an array and from a generator",
    async (db) => {
      const rows = many(10_001);
      rows[9_999] = { id: 9_999n, name: "bad", mag: NaN };
      const source = (function* () {
        yield* rows;
      })();
      for (const input of [rows, source]) {
        await assert.rejects(
          db.query(Star).bulkInsert(input),
          (error) =>
            error instanceof ValidationError && error.rows[0]?.index === 9_999,
        );
        assert.equal(await db.query(Star).count(), 0);
      }
    },
  ),
  behaviour(
    "a generator that throws writes nothing, and its error is passed on",
    async (db) => {
      const source = (function* () {
        yield* many(5_000);
        throw new RangeError("the source failed");
      })();
      await assert.rejects(
        db.query(Star).bulkInsert(source),
        /the source failed/,
      );
      assert.equal(await db.query(Star).count(), 0);
    },
  ),
  behaviour("bulkInsert checks the refinements of the model", async (db) => {
    await assert.rejects(
      db.query(Sighting).bulkInsert([{ star: 1n, night: 1, quality: 1.5 }]),
      (error) =>
        error instanceof ValidationError && /Too big/.test(error.message),
    );
  }),
  behaviour(
    "defaults apply to each row, and NaN becomes null if the model declares it",
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
  behaviour(
    "a safe integer number is accepted for an int64 field",
    async (db) => {
      const row: object = { id: 12, name: "twelve" };
      await db.query(Star).bulkInsert([row as StarInsert]);
      assert.equal((await db.query(Star).first())?.id, 12n);
    },
  ),
  behaviour(
    "bulkInsert rejects values that are not lists of rows, and unknown onConflict values",
    async (db) => {
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
    },
  ),
];
