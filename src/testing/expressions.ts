import assert from "node:assert/strict";
import { CheckError, QueryError, StaleRowError } from "../base/errors/mod.ts";
import type { Amount, Expression } from "../model/expression.ts";
import {
  greatest,
  ifNull,
  increment,
  least,
} from "../query/write/expressions.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Stamp, Star, Tally } from "./models.ts";
import { fillStars, STARS, starsById } from "./stars.ts";

/** Expressions in `updateAll`, `bulkUpdate`, and sessions. */
export const expressions: readonly Behaviour[] = [
  behaviour(
    "increment adds to the stored value, and keeps null",
    async (db) => {
      await db.query(Star).bulkInsert([
        { id: 1n, name: "a", visits: 3, mag: 0.1, flux: 0.5 },
        { id: 2n, name: "b" },
      ]);
      const set = {
        visits: increment(-5),
        mag: increment(0.2),
        flux: increment(0.1),
      };
      assert.equal(await db.query(Star).updateAll({ filterBy: {}, set }), 2);
      await db.query(Star).bulkUpdate([{ id: 1n, visits: increment(7n) }]);
      assert.deepEqual(
        (await starsById(db)).map((
          { visits, mag, flux },
        ) => [visits, mag, flux]),
        [
          [5, 0.1 + 0.2, Math.fround(Math.fround(0.5) + Math.fround(0.1))],
          [null, null, null],
        ],
      );
    },
  ),
  behaviour(
    "greatest, least, and ifNull combine with the stored value, of every type with an order",
    async (db) => {
      await fillStars(db);
      await db.query(Star).insert({ id: 90n, name: "empty" });
      const higher = {
        mag: 99.5,
        flux: 99.5,
        visits: 99,
        variable: true,
        seen: new Date(4e12),
        kind: "O" as const,
        uid: "ffffffff-ffff-4fff-bfff-ffffffffffff",
        status: "zzz",
      };
      const low = {
        mag: -99.5,
        flux: -99.5,
        visits: -99,
        variable: false,
        seen: new Date(-4e12),
        kind: "G" as const,
        uid: "00000000-0000-4000-8000-000000000000",
        status: "",
      };
      const each = (
        row: typeof higher | typeof low,
        change: (value: unknown) => object,
      ): object =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, change(value)]),
        );
      const values = async (id: bigint): Promise<object> => {
        const row = await db.query(Star).findOne({ filterBy: { id } });
        assert.ok(row);
        const { mag, flux, visits, variable, seen, kind, uid, status } = row;
        return { mag, flux, visits, variable, seen, kind, uid, status };
      };
      const update = (set: object) =>
        db.query(Star).updateAll({ filterBy: { id: [1n, 90n] }, set });
      await update(each(higher, greatest));
      assert.deepEqual(await values(1n), higher);
      assert.deepEqual(await values(90n), higher);
      await update(each(low, greatest));
      assert.deepEqual(await values(1n), higher);
      await update(each(low, ifNull));
      assert.deepEqual(await values(1n), higher);
      await update(each(low, least));
      assert.deepEqual(await values(1n), low);
      assert.deepEqual(await values(90n), low);
      await db.query(Star).insert({ id: 91n, name: "none" });
      await db.query(Star).updateAll({
        filterBy: { id: 91n },
        set: {
          mag: least(1.5),
          visits: ifNull(4),
          labels: ifNull(["a"]),
          notes: ifNull({ a: [1] }),
        },
      });
      const row = await db.query(Star).findOne({ filterBy: { id: 91n } });
      assert.deepEqual(
        [row?.mag, row?.visits, row?.labels, row?.notes],
        [1.5, 4, ["a"], { a: [1] }],
      );
    },
  ),
  behaviour(
    "greatest and least compare text by code point",
    async (db) => {
      await db.query(Star).insert({ id: 1n, name: "a", status: "Z" });
      const status = async (set: object) => {
        await db.query(Star).updateAll({ filterBy: {}, set });
        return (await db.query(Star).first())?.status;
      };
      assert.equal(await status({ status: least("a") }), "Z");
      assert.equal(await status({ status: greatest("a") }), "a");
      assert.equal(await status({ status: greatest("é") }), "é");
      assert.equal(await status({ status: least("z") }), "z");
    },
  ),
  behaviour(
    "bulkUpdate takes expressions and values, row by row and in their order",
    async (db) => {
      await fillStars(db);
      await db.query(Star).bulkUpdate([
        { id: 1n, visits: 10, mag: least(-5) },
        { id: 2n, visits: increment(1), mag: greatest(50) },
        { id: 1n, visits: increment(5), status: ifNull("x") },
        { id: 1n, visits: increment(5), status: ifNull("x") },
        { id: 2n, visits: ifNull(7) },
      ]);
      await db.query(Star).bulkUpdate([
        [{ id: [1n, 2n] }, { visits: increment(100), mag: increment(1) }],
      ]);
      const rows = await db.query(Star).findAll({
        filterBy: { id: [1n, 2n] },
        orderBy: { id: "asc" },
      });
      const before = STARS.find(({ id }) => id === 2n);
      const second = before?.visits ?? null;
      assert.deepEqual(
        rows.map(({ visits, mag, status }) => [visits, mag, status]),
        [
          [120, -4, STARS.find(({ id }) => id === 1n)?.status ?? "new"],
          [second === null ? 107 : second + 101, 51, before?.status ?? "new"],
        ],
      );
    },
  ),
  behaviour("int64 sums are exact, up to the limits", async (db) => {
    const max = 2n ** 63n - 1n;
    const query = db.query(Tally);
    await query.bulkInsert([{ id: 1, total: max - 5n }, {
      id: 2,
      total: -max - 1n + 5n,
    }]);
    await query.updateAll({
      filterBy: { id: 1 },
      set: { total: increment(5) },
    });
    await query.updateAll({
      filterBy: { id: 2 },
      set: { total: increment(-5n) },
    });
    const totals = async () =>
      (await query.findAll({ orderBy: { id: "asc" } }))
        .map(({ total }) => total);
    assert.deepEqual(await totals(), [max, -max - 1n]);
    for (const [id, by] of [[1, 1n], [1, max], [2, -1n], [2, -max]] as const) {
      await assert.rejects(
        query.updateAll({ filterBy: { id }, set: { total: increment(by) } }),
        CheckError,
      );
    }
    assert.deepEqual(await totals(), [max, -max - 1n]);
  }),
  behaviour("NaN is the greatest number in expressions too", async (db) => {
    const query = db.query(Tally);
    const rows = [
      { id: 1, total: 0n, level: NaN },
      { id: 2, total: 0n, level: 1 },
      { id: 3, total: 0n, level: null },
      { id: 4, total: 0n, level: Infinity },
    ];
    const after = async (level: Expression<number> | Expression<Amount>) => {
      await query.bulkUpsert(rows);
      await query.updateAll({ filterBy: {}, set: { level } });
      const found = await query.findAll({ orderBy: { id: "asc" } });
      return found.map(({ level }) => level);
    };
    assert.deepEqual(await after(greatest(5)), [NaN, 5, 5, Infinity]);
    assert.deepEqual(await after(least(5)), [5, 1, 5, 5]);
    assert.deepEqual(await after(greatest(NaN)), [NaN, NaN, NaN, NaN]);
    assert.deepEqual(await after(least(NaN)), [NaN, 1, NaN, Infinity]);
    assert.deepEqual(await after(ifNull(NaN)), [NaN, 1, NaN, Infinity]);
    assert.deepEqual(await after(increment(1)), [NaN, 2, null, Infinity]);
  }),
  behaviour(
    "sessions write expressions; the instance keeps its value until it is read again",
    async (db) => {
      await db.query(Star).bulkInsert([
        { id: 1n, name: "a", visits: 3 },
        { id: 2n, name: "b", visits: 3 },
      ]);
      const [first, second] = await starsById(db);
      assert.ok(first && second);
      const query = db.query(Star);
      query.update(first, { visits: increment(1), status: "x" });
      query.update(first, { visits: increment(2) });
      query.update(second, { visits: 10 });
      query.update(second, { visits: increment(2), mag: ifNull(2.5) });
      assert.deepEqual([first.visits, second.visits], [3, 12]);
      assert.throws(
        () => query.update(first, { visits: greatest(1) }),
        (error) => error instanceof QueryError && error.field === "visits",
      );
      query.update(first, { kind: least("G") });
      await query.updateAll({ filterBy: {}, set: { visits: increment(100) } });
      const written = await db.session.commit();
      assert.deepEqual(written, { updated: 2, deleted: 0 });
      assert.deepEqual(
        (await starsById(db)).map(({ visits, status, mag, kind }) => [
          ...[visits, status],
          ...[mag, kind],
        ]),
        [[106, "x", null, "G"], [12, "new", 2.5, null]],
      );
      query.update(first, { visits: increment(1) });
      db.session.rollback();
      assert.equal(first.visits, 3);
      query.update(first, { visits: increment(1) });
      await query.deleteAll({ filterBy: { id: 1n } });
      await assert.rejects(db.session.commit(), StaleRowError);
    },
  ),
  behaviour("onUpdate applies to an update by expressions", async (db) => {
    const query = db.query(Stamp);
    await query.bulkInsert([{ id: 1, value: 1 }]);
    const before = (await query.first())?.touched ?? 0;
    await query.updateAll({ filterBy: {}, set: { value: increment(1) } });
    const row = await query.first();
    assert.equal(row?.value, 2);
    assert.ok(before < (row?.touched ?? 0));
  }),
];
