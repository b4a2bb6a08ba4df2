import assert from "node:assert/strict";
import {
  DuplicateKeyError,
  MultipleRowsError,
  QueryError,
  ValidationError,
} from "../base/errors/mod.ts";
import type { Connection } from "../connection/connection.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Stamp, Star } from "./models.ts";

const CONFLICT = ["kind", "visits"] as const;

const star = (
  id: number,
  kind: "O" | "G",
  visits: number,
  mag: number | null,
) => ({ id: BigInt(id), name: `s${id}`, kind, visits, mag });

async function stored(db: Connection): Promise<unknown[]> {
  const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
  return rows.map(({ id, mag }) => [Number(id), mag]);
}

/** `bulkUpsert` by fields that are not a unique key. */
export const keyless: readonly Behaviour[] = [
  behaviour(
    "conflict can name fields that are not a unique key: existing rows are updated, others inserted",
    async (db) => {
      const query = db.query(Star);
      await query.bulkInsert([star(1, "O", 1, 1), star(2, "O", 2, 2)]);
      const outcome = await query.bulkUpsert(
        [
          { kind: "O", visits: 1, mag: 10 },
          { kind: "O", visits: 2, mag: 2 },
          star(3, "G", 1, 3),
        ],
        { conflict: CONFLICT },
      );
      assert.deepEqual(outcome, { inserted: 1, updated: 1, unchanged: 1 });
      assert.deepEqual(await stored(db), [[1, 10], [2, 2], [3, 3]]);
    },
  ),
  behaviour(
    "rows of one call with the same fields of conflict become one row",
    async (db) => {
      const query = db.query(Star);
      const rows = [star(1, "O", 1, 5), star(1, "O", 1, 3), star(1, "O", 1, 4)];
      const outcome = await query.bulkUpsert(rows, { conflict: CONFLICT });
      assert.deepEqual(outcome, { inserted: 1, updated: 0, unchanged: 2 });
      assert.deepEqual(await stored(db), [[1, 4]]);
      const merged = await query.bulkUpsert(
        [2, 7, 1, 9].map((mag) => ({ kind: "O" as const, visits: 1, mag })),
        { conflict: CONFLICT, merge: { mag: "least" } },
      );
      assert.deepEqual(merged, { inserted: 0, updated: 1, unchanged: 3 });
      assert.deepEqual(await stored(db), [[1, 1]]);
    },
  ),
  behaviour(
    "an upsert that finds several rows with the fields of conflict throws, and writes nothing",
    async (db) => {
      const query = db.query(Star);
      await query.bulkInsert([
        star(1, "O", 1, 1),
        star(2, "O", 1, 2),
        star(3, "O", 2, 3),
      ]);
      await assert.rejects(
        query.bulkUpsert([
          { kind: "O", visits: 2, mag: 9 },
          { kind: "O", visits: 1, mag: 9 },
        ], { conflict: CONFLICT }),
        (error) =>
          error instanceof MultipleRowsError && /kind O/.test(error.message),
      );
      assert.deepEqual(await stored(db), [[1, 1], [2, 2], [3, 3]]);
      await query.bulkUpsert([{ kind: "O", visits: 2, mag: 9 }], {
        conflict: CONFLICT,
      });
      assert.deepEqual(await stored(db), [[1, 1], [2, 2], [3, 9]]);
      await db.transaction(async (tx) => {
        await tx.query(Star).updateAll({
          filterBy: { id: 3n },
          set: { mag: 4 },
        });
        await assert.rejects(
          tx.query(Star).bulkUpsert([
            { kind: "O", visits: 2, mag: 8 },
            star(4, "G", 9, 9),
            { kind: "O", visits: 1, mag: 8 },
          ], { conflict: CONFLICT }),
          MultipleRowsError,
        );
        // An engine may end the transaction.
      }).catch(() => {});
      const [, , third, ...more] = await stored(db);
      assert.deepEqual([
        more,
        [[3, 4], [3, 9]].some((row) =>
          JSON.stringify(row) === JSON.stringify(third)
        ),
      ], [[], true]);
    },
  ),
  behaviour(
    "null in a field of conflict equals nothing: a row with it is refused, and existing ones are not found",
    async (db) => {
      const query = db.query(Star);
      await query.bulkInsert([
        { id: 1n, name: "a", kind: "O", mag: 1 },
        { id: 2n, name: "b", kind: "O", mag: 1 },
      ]);
      for (const visits of [null, undefined]) {
        await assert.rejects(
          query.bulkUpsert([{ id: 3n, name: "c", kind: "O", visits }], {
            conflict: CONFLICT,
          }),
          (error) =>
            error instanceof ValidationError &&
            error.rows[0]?.field === "visits",
        );
      }
      await query.bulkUpsert([star(3, "O", 0, 3)], { conflict: CONFLICT });
      assert.deepEqual(await stored(db), [[1, 1], [2, 1], [3, 3]]);
    },
  ),
  behaviour(
    "a value of conflict that is stored as null is refused like null",
    async (db) => {
      const query = db.query(Stamp);
      for (const value of [NaN, Infinity]) {
        await assert.rejects(
          query.bulkUpsert([{ id: 1, value: 5 }, { id: 2, value }], {
            conflict: ["value"],
          }),
          (error) =>
            error instanceof ValidationError &&
            error.rows[0]?.field === "value" && error.rows[0].index === 1,
        );
      }
      assert.equal(await query.count(), 0);
    },
  ),
  behaviour(
    "a new row whose primary key exists is a DuplicateKeyError",
    async (db) => {
      const query = db.query(Star);
      await query.bulkInsert([star(1, "O", 1, 1)]);
      await assert.rejects(
        query.bulkUpsert([star(2, "O", 2, 2), star(1, "G", 1, 3)], {
          conflict: CONFLICT,
        }),
        DuplicateKeyError,
      );
      assert.deepEqual(await stored(db), [[1, 1]]);
    },
  ),
  behaviour(
    "conflict cannot name JSON, an array, or more than a key",
    async (db) => {
      const query = db.query(Star);
      for (
        const conflict of [["notes"], ["labels"], ["id", "mag"], []] as const
      ) {
        await assert.rejects(
          async () => await query.bulkUpsert([], { conflict }),
          (error) => error instanceof QueryError && error.field === "conflict",
        );
      }
    },
  ),
  behaviour(
    "upserts without a unique key of thousands of rows, in any order and from any source",
    async (db) => {
      const query = db.query(Star);
      const rows = Array.from({ length: 2_400 }, (_, index) => ({
        ...star(index % 1_200, index % 2 === 0 ? "O" : "G", index % 1_200, 0),
        mag: index,
      }));
      await query.bulkInsert(rows.slice(0, 600));
      const first = await query.bulkUpsert(rows.toReversed(), {
        conflict: CONFLICT,
        merge: { mag: "greatest" },
      });
      assert.equal(first.inserted, 600);
      async function* source() {
        yield* rows;
      }
      const second = await query.bulkUpsert(source(), { conflict: CONFLICT });
      assert.equal(second.inserted, 0);
      const [totals] = await query.aggregate({ count: true, min: ["mag"] });
      assert.deepEqual([totals?.count, totals?.min.mag], [1_200, 1_200]);
    },
  ),
  behaviour(
    "calls at once with the same new keys insert each key once",
    async (db) => {
      const query = db.query(Star);
      const counts = await Promise.all(
        Array.from({ length: 6 }, (_, call) =>
          query.bulkUpsert(
            Array.from(
              { length: 8 },
              (_, index) => star(call * 8 + index, "O", index, call),
            ),
            { conflict: CONFLICT, merge: { mag: "greatest", "*": "keep" } },
          )),
      );
      const inserted = counts.reduce((sum, { inserted }) => sum + inserted, 0);
      assert.equal(inserted, 8);
      const rows = await query.findAll();
      assert.deepEqual(rows.map(({ mag }) => mag), Array(8).fill(5));
    },
  ),
  behaviour(
    "an upsert without a unique key in a transaction that fails leaves no trace",
    async (db) => {
      await assert.rejects(
        db.transaction(async (tx) => {
          const query = tx.query(Star);
          await query.bulkUpsert([star(1, "O", 1, 1)], { conflict: CONFLICT });
          await query.bulkUpsert([star(1, "O", 1, 2)], { conflict: CONFLICT });
          assert.equal(await query.count(), 1);
          throw new Error("no");
        }),
        /no/,
      );
      assert.equal(await db.query(Star).count(), 0);
    },
  ),
];
