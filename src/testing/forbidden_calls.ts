import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { ConnectionError, TransactionError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star, type StarRow } from "./models.ts";
import { fillStars, STARS } from "./stars.ts";

/** Every call on a connection. */
export const CALLS: readonly (readonly [
  string,
  (db: Connection, row: StarRow) => unknown,
])[] = [
  ["find", (db) => db.query(Star).find()],
  ["paginate", (db) => db.query(Star).paginate({ count: false })],
  ["findAll", (db) => db.query(Star).findAll()],
  ["first", (db) => db.query(Star).first()],
  ["findOne", (db) => db.query(Star).findOne({ filterBy: { id: 1n } })],
  ["checkExists", (db) => db.query(Star).checkExists()],
  ["count", (db) => db.query(Star).count()],
  ["stream", (db) => Array.fromAsync(db.query(Star).stream())],
  [
    "getOrCreate",
    (db) => db.query(Star).getOrCreate({ filterBy: { id: 1n }, name: "x" }),
  ],
  ["insert", (db) => db.query(Star).insert({ id: 1n, name: "x" })],
  ["bulkInsert", (db) => db.query(Star).bulkInsert([])],
  ["bulkUpsert", (db) => db.query(Star).bulkUpsert(STARS)],
  ["bulkUpdate", (db) => db.query(Star).bulkUpdate([{ id: 1n, mag: 9 }])],
  [
    "updateAll",
    (db) => db.query(Star).updateAll({ filterBy: {}, set: { mag: 9 } }),
  ],
  ["deleteAll", (db) => db.query(Star).deleteAll({ filterBy: {}, all: true })],
  ["a query without a model", (db) => db.query().count({ model: Star })],
  ["update", (db, row) => db.query(Star).update(row, { mag: 9 })],
  ["delete", (db, row) => db.query(Star).delete(row)],
  ["session", (db) => db.session],
  ["session.commit", (db) => db.session.commit()],
  ["createSession", (db) => db.createSession()],
  ["withSession", (db) => db.withSession(() => Promise.resolve())],
  ["transaction", (db) => db.transaction(() => Promise.resolve())],
  ["createDb", (db) => db.createDb()],
  ["dropDb", (db) => db.dropDb()],
];

/** Calls on a connection inside its own transaction. */
export const forbiddenCalls: readonly Behaviour[] = [
  behaviour(
    "every call on a connection throws inside its own transaction",
    async (db) => {
      await fillStars(db);
      const row = await db.query(Star).findOne({ filterBy: { id: 2n } });
      assert.ok(row);
      const { session } = db;
      const query = db.query(Star);
      db.query(Star).update(row, { visits: 8 });
      await db.transaction(async (tx) => {
        for (const [name, call] of CALLS) {
          await assert.rejects(
            async () => await call(db, row),
            TransactionError,
            name,
          );
        }
        await assert.rejects(session.commit(), TransactionError);
        await assert.rejects(query.count(), TransactionError);
        await assert.rejects(db.close(), TransactionError);
        assert.equal(await tx.query(Star).count(), 5);
      });
      assert.equal(row.mag, 6.5);
      assert.equal(db.session, session);
      assert.deepEqual(await session.commit(), { updated: 1, deleted: 0 });
      assert.equal(await db.query(Star).count(), 5);
    },
  ),
  behaviour(
    "code that a transaction started can use the connection after the transaction ended",
    async (db) => {
      await fillStars(db);
      const ended = Promise.withResolvers<void>();
      let pending: Promise<number> | undefined;
      await db.transaction((tx) => {
        pending = ended.promise.then(() => db.query(Star).count());
        return tx.query(Star).count();
      });
      ended.resolve();
      assert.equal(await pending, 5);
    },
  ),
  behaviour(
    "a stream that began outside a transaction cannot be read inside it",
    async (db) => {
      await fillStars(db);
      const stream = db.query(Star).stream({ batchSize: 1 })
        [Symbol.asyncIterator]();
      await stream.next();
      await db.transaction(async (tx) => {
        await assert.rejects(stream.next(), TransactionError);
        await assert.rejects(async () => {
          for await (const _ of tx.query(Star).stream({ batchSize: 1 })) {
            await tx.transaction(() =>
              Array.fromAsync(tx.query(Star).stream())
            );
          }
        }, TransactionError);
        const unread = db.query(Star).stream();
        await unread[Symbol.asyncIterator]().return?.();
      });
      assert.equal(await db.query(Star).count(), 5);
    },
  ),
  behaviour(
    "a stream of a transaction cannot be read inside an inner transaction",
    async (db) => {
      await fillStars(db);
      await db.transaction(async (tx) => {
        const stream = tx.query(Star).stream({ batchSize: 1 })
          [Symbol.asyncIterator]();
        await stream.next();
        await tx.transaction(async (inner) => {
          await assert.rejects(
            async () => await stream.next(),
            TransactionError,
          );
          assert.equal(await inner.query(Star).count(), 5);
        });
        assert.equal(await tx.query(Star).count(), 5);
      });
    },
  ),
];

/** Asserts that every call on a closed connection throws; `row` is one of its stars. */
export async function assertClosed(
  db: Connection,
  row: StarRow,
): Promise<void> {
  for (const [name, call] of CALLS) {
    await assert.rejects(
      async () => await call(db, row),
      ConnectionError,
      name,
    );
  }
  db.endSession();
}
