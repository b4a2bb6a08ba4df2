import assert from "node:assert/strict";
import type { Query } from "../query/query.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Stamp, Star } from "./models.ts";
import { fillStars, STARS } from "./stars.ts";

/** Text so long that a few rows of it are more than an engine takes in one piece. */
const LONG = "x".repeat(1 << 20);

/** Where a source's own queries go: the connection, or a transaction. */
interface Place {
  query(model: typeof Star): Query<typeof Star>;
  query(model: typeof Stamp): Query<typeof Stamp>;
}

/** Rows each of which is made with the help of the database, and leaves a trace there. */
async function* helped(place: Place, count = 5) {
  for (let id = 1; id <= count; id++) {
    const found = await place.query(Star).findOne({
      filterBy: { id: BigInt(id) },
    });
    await place.query(Stamp).getOrCreate({ filterBy: { id }, value: id });
    yield { id: BigInt(id), name: found?.name ?? `s${id}`, visits: 40 + id };
  }
}

const WRITES: readonly (readonly [
  string,
  (place: Place, rows: ReturnType<typeof helped>) => Promise<unknown>,
])[] = [
  ["bulkInsert", (place, rows) => place.query(Star).bulkInsert(rows)],
  ["bulkUpsert", (place, rows) => place.query(Star).bulkUpsert(rows)],
  ["bulkUpdate", (place, rows) => place.query(Star).bulkUpdate(rows)],
];

/** Rows that are read one by one while they are written. */
export const rowSources: readonly Behaviour[] = [
  ...WRITES.flatMap(([name, write]) => [
    behaviour(
      `a source may use the connection while ${name} reads it`,
      async (db) => {
        await fillStars(db);
        await write(db, helped(db));
        assert.equal(await db.query(Stamp).count(), 5);
      },
    ),
    behaviour(
      `a source may use the transaction while ${name} reads it inside`,
      async (db) => {
        await fillStars(db);
        await db.transaction((tx) => write(tx, helped(tx)));
        assert.equal(await db.query(Stamp).count(), 5);
        await assert.rejects(
          db.transaction(async (tx) => {
            await write(tx, helped(tx, 9));
            throw new Error("no");
          }),
          /^Error: no$/,
        );
        assert.equal(await db.query(Stamp).count(), 5);
      },
    ),
  ]),
  behaviour(
    "a source may use the connection while its first rows are on their way",
    async (db) => {
      const rows = (async function* () {
        for (let id = 0n; id < 12n; id++) {
          assert.equal(await db.query(Star).count(), 0);
          yield { id, name: `${id}`, status: LONG };
        }
      })();
      assert.equal((await db.query(Star).bulkInsert(rows)).inserted, 12);
    },
  ),
  behaviour(
    "rows with one key that arrive far from each other count as one",
    async (db) => {
      const rows = Array.from({ length: 14 }, (_, place) => ({
        id: BigInt(place % 7),
        name: `${place % 7}`,
        visits: place,
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
    "what else a transaction does meanwhile is not undone by a collision",
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
