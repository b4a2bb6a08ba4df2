import assert from "node:assert/strict";
import { CheckError, QueryError, ValidationError } from "../base/errors/mod.ts";
import {
  greatest,
  ifNull,
  increment,
  least,
} from "../query/write/expressions.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star, type StarRow } from "./models.ts";
import { fillStars, starsById } from "./stars.ts";

/** Expressions that are refused. */
export const wrongExpressions: readonly Behaviour[] = [
  behaviour(
    "an increment beyond the range of its field is a CheckError, and no row changes",
    async (db) => {
      const max = 2 ** 31 - 1;
      await db.query(Star).bulkInsert([
        { id: 1n, name: "a", visits: 1, mag: 1e308, flux: 3e38 },
        { id: 2n, name: "b", visits: max, mag: -1.7e308, flux: -3e38 },
        { id: 3n, name: "c", visits: 2, mag: 1.7e308, flux: 3e38 },
      ]);
      const before = await starsById(db);
      const attempts = [
        ["visits", 1, {}],
        ["visits", max, {}],
        ["mag", 1e308, {}],
        ["flux", 3e38, {}],
        ["flux", -3e38, { id: 2n }],
        ["visits", 1, { id: 2n }],
      ] as const;
      const refused = (field: string) => (error: unknown): boolean =>
        error instanceof CheckError && error.fields.join() === field &&
        error.outcome === "not applied" && error.model === "star";
      for (const [field, by, filterBy] of attempts) {
        const set = { status: "changed", [field]: increment(by) };
        await assert.rejects(
          db.query(Star).updateAll({ filterBy, set }),
          refused(field),
        );
      }
      await assert.rejects(
        db.query(Star).bulkUpdate([
          { id: 1n, visits: increment(1) },
          { id: 2n, visits: increment(1) },
        ]),
        refused("visits"),
      );
      assert.deepEqual(await starsById(db), before);
      await db.query(Star).updateAll({
        filterBy: { id: 2n },
        set: { visits: increment(-(2 ** 31)) },
      });
      assert.equal((await starsById(db))[1]?.visits, -1);
    },
  ),
  behaviour(
    "an expression that the field does not take is refused, and nothing is written",
    async (db) => {
      await fillStars(db);
      const before = await starsById(db);
      const refusals: readonly (readonly [object, RegExp])[] = [
        [
          { status: increment(1) },
          /status cannot be increment\(1\): it holds string values/,
        ],
        [{ seen: increment(1) }, /it holds date values/],
        [
          { visits: increment(1.5) },
          /visits cannot be increment\(1.5\): the value must be a whole number/,
        ],
        [{ visits: increment(2 ** 31) }, /outside the range of int32/],
        [{ visits: increment(NaN) }, /the amount is NaN/],
        [{ mag: increment(Infinity) }, /the amount is Infinity/],
        [{ mag: increment(1n) }, /the value must be a number/],
        [{ flux: increment(1e39) }, /outside the range of float32/],
        [{ visits: greatest("many") }, /the value must be a whole number/],
        [{ visits: greatest(null) }, /the value is null/],
        [{ visits: ifNull(undefined) }, /the value is undefined/],
        [{ kind: least("X") }, /the value must be one of O, G, M/],
        [{ notes: greatest({ a: 1 }) }, /JSON has no order/],
        [{ labels: least(["a"]) }, /arrays have no order/],
        [
          { id: increment(1) },
          /id cannot be increment\(1\): it is part of a key/,
        ],
        [{ name: greatest("z") }, /it is part of a key/],
        [
          { notes: { inside: increment(1) } },
          /contains increment\(1\), which only updates of a whole field take/,
        ],
        [
          { visits: { $expression: 1 } },
          /visits must be a whole number, got an object/,
        ],
        [
          { visits: JSON.parse('{"operation":"increment","value":1}') },
          /visits must be a whole number, got an object/,
        ],
        [
          { visits: { ...increment(1) } },
          /visits must be a whole number, got an object/,
        ],
        [{ visits: [increment(1)] }, /got an array/],
        [{ labels: [increment(1)] }, /labels/],
      ];
      for (const [set, message] of refusals) {
        const isRefused = (error: unknown): boolean =>
          error instanceof ValidationError && message.test(error.message);
        const query = db.query(Star);
        await assert.rejects(
          query.updateAll({ filterBy: {}, set: { mag: 0, ...set } }),
          isRefused,
          `${message}`,
        );
        await assert.rejects(
          query.bulkUpdate([[{ id: 1n }, { mag: 0, ...set }]]),
          isRefused,
        );
        const [row] = before;
        assert.ok(row);
        assert.throws(() => query.update(row, set), isRefused);
      }
      await assert.rejects(
        db.query(Sighting).updateAll({
          filterBy: {},
          set: { quality: increment(0.1) },
        }),
        /quality cannot be increment\(0.1\): its rules/,
      );
      assert.deepEqual(await starsById(db), before);
    },
  ),
  behaviour(
    "only updates take expressions: inserts, upserts, keys, and filters refuse them",
    async (db) => {
      await fillStars(db);
      const before = await starsById(db);
      const query = db.query(Star);
      const row: object = { id: 50n, name: "n", visits: increment(1) };
      const hidden: object = { id: 50n, name: "n", notes: { a: increment(1) } };
      const rows = [row, hidden, { id: 51n, name: "m", notes: increment(1) }];
      for (const wrong of rows as (StarRow & { id: bigint })[]) {
        for (
          const write of [
            () => query.insert(wrong),
            () => query.bulkInsert([wrong]),
            () => query.bulkInsert([wrong], { onConflict: "error" }),
            () => query.bulkUpsert([wrong]),
            () => query.getOrCreate({ filterBy: { id: 50n }, ...wrong }),
          ]
        ) {
          await assert.rejects(
            write,
            (error) =>
              error instanceof ValidationError &&
              /increment\(1\), which only updates/.test(error.message),
          );
        }
      }
      const key: object = { id: increment(1), visits: 1 };
      await assert.rejects(
        query.bulkUpdate([key]),
        (error) =>
          error instanceof ValidationError &&
          /part of a key/.test(error.message),
      );
      const filters: readonly object[] = [
        { visits: increment(1) },
        { visits: { gt: increment(1) } },
        { visits: { in: [increment(1)] } },
        { notes: increment(1) },
        { notes: { eq: increment(1) } },
        { not: { notes: { eq: { a: increment(1) } } } },
      ];
      for (const filterBy of filters) {
        await assert.rejects(
          query.updateAll({ filterBy, set: { visits: 1 } }),
          QueryError,
        );
      }
      assert.deepEqual(await starsById(db), before);
    },
  ),
  behaviour(
    "an increment in a session follows a value, and no other expression",
    async (db) => {
      await db.query(Star).bulkInsert([{ id: 1n, name: "a", visits: 3 }]);
      const query = db.query(Star);
      const [star] = await query.findAll();
      assert.ok(star);
      for (const first of [greatest(5), least(1), ifNull(2)]) {
        query.update(star, { visits: first });
        assert.throws(
          () => query.update(star, { visits: increment(1) }),
          (error) =>
            error instanceof QueryError && error.field === "visits" &&
            /cannot follow it in the same commit/.test(error.message),
        );
        db.session.rollback();
      }
      query.update(star, { visits: null });
      query.update(star, { visits: increment(1) });
      assert.equal((await db.session.commit()).updated, 1);
      assert.equal((await query.first())?.visits, null);
    },
  ),
];
