import assert from "node:assert/strict";
import type { Query } from "../query/query.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Stamp, Star } from "./models.ts";
import { fillStars, STARS } from "./stars.ts";

/** Text so long that a few rows exceed one batch of an engine. */
const LONG = "x".repeat(1 << 20);

/** The connection or the transaction that a source queries. */
interface Queryable {
  query(model: typeof Star): Query<typeof Star>;
  query(model: typeof Stamp): Query<typeof Stamp>;
}

/** Rows that need a read from and a write to the database each. */
async function* queriedRows(db: Queryable, count = 5) {
  for (let id = 1; id <= count; id++) {
    const found = await db.query(Star).findOne({
      filterBy: { id: BigInt(id) },
    });
    await db.query(Stamp).getOrCreate({ filterBy: { id }, value: id });
    yield { id: BigInt(id), name: found?.name ?? `s${id}`, visits: 40 + id };
  }
}

const WRITES: readonly (readonly [
  string,
  (db: Queryable, rows: ReturnType<typeof queriedRows>) => Promise<unknown>,
])[] = [
  ["bulkInsert", (db, rows) => db.query(Star).bulkInsert(rows)],
  ["bulkUpsert", (db, rows) => db.query(Star).bulkUpsert(rows)],
  ["bulkUpdate", (db, rows) => db.query(Star).bulkUpdate(rows)],
];

/** Generators that query the database while their rows are written. */
export const rowSources: readonly Behaviour[] = [
  ...WRITES.flatMap(([name, write]) => [
    behaviour(
      `a generator can query the connection while ${name} reads it`,
      async (db) => {
        await fillStars(db);
        await write(db, queriedRows(db));
        assert.equal(await db.query(Stamp).count(), 5);
      },
    ),
    behaviour(
      `a generator can query the transaction while ${name} of the transaction reads it`,
      async (db) => {
        await fillStars(db);
        await db.transaction((tx) => write(tx, queriedRows(tx)));
        assert.equal(await db.query(Stamp).count(), 5);
        await assert.rejects(
          db.transaction(async (tx) => {
            await write(tx, queriedRows(tx, 9));
            throw new Error("no");
          }),
          /^Error: no$/,
        );
        assert.equal(await db.query(Stamp).count(), 5);
      },
    ),
  ]),
  behaviour(
    "a generator can query the connection while its first rows are being written",
    async (db) => {
      const rows = (async function* () {
        for (let id = 0n; id < 12n; id++) {
          assert.equal(await db.query(Stamp).count(), 0);
          yield { id, name: `${id}`, status: LONG };
        }
      })();
      assert.equal((await db.query(Star).bulkInsert(rows)).inserted, 12);
    },
  ),
  behaviour(
    "duplicate keys are found across batches",
    async (db) => {
      const rows = Array.from({ length: 14 }, (_, index) => ({
        id: BigInt(index % 7),
        name: `${index % 7}`,
        visits: index,
        status: LONG,
      }));
      assert.deepEqual(await db.query(Star).bulkInsert(rows), {
        inserted: 7,
        ignored: 7,
      });
      const visits = async () =>
        (await db.query(Star).findAll({ orderBy: { id: "asc" } })).map((row) =>
          row.visits
        );
      assert.deepEqual(await visits(), [0, 1, 2, 3, 4, 5, 6]);
      assert.deepEqual(await db.query(Star).bulkUpsert(rows), {
        inserted: 0,
        updated: 7,
        unchanged: 7,
      });
      assert.deepEqual(await visits(), [7, 8, 9, 10, 11, 12, 13]);
    },
  ),
  behaviour(
    "a duplicate key does not undo concurrent work of the same transaction",
    async (db) => {
      await fillStars(db);
      await db.transaction(async (tx) => {
        const query = tx.query(Star);
        await Promise.all([
          query.bulkInsert(STARS),
          query.updateAll({ filterBy: { id: 1n }, set: { visits: 77 } }),
          query.bulkInsert([...STARS, { id: 50n, name: "Vega" }]),
          query.updateAll({ filterBy: { id: 2n }, set: { visits: 78 } }),
          query.bulkUpdate([{ id: 3n, visits: 79 }]),
          tx.query(Stamp).getOrCreate({ filterBy: { id: 1 } }),
        ]);
      });
      const rows = await db.query(Star).findAll({
        filterBy: { id: [1n, 2n, 3n, 50n] },
        orderBy: { id: "asc" },
      });
      assert.deepEqual(rows.map(({ visits }) => visits), [77, 78, 79, null]);
      assert.equal(await db.query(Stamp).count(), 1);
    },
  ),
];
