import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import type { Transaction } from "../connection/transaction.ts";
import { ConnectionError, TransactionError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { CALLS } from "./forbidden_calls.ts";
import { Star, type StarRow } from "./models.ts";
import { STARS } from "./stars.ts";

const VEGA = { id: 91262n, name: "Vega" };

/** Calls that a transaction function begins and does not await. */
const UNAWAITED: readonly (readonly [
  string,
  (tx: Transaction) => Promise<unknown>,
])[] = [
  ["find", (tx) => tx.query(Star).find()],
  ["findAll", (tx) => tx.query(Star).findAll()],
  ["findOne", (tx) => tx.query(Star).findOne({ filterBy: { id: 1n } })],
  ["count", (tx) => tx.query(Star).count()],
  ["a query without a model", (tx) => tx.query().count({ model: Star })],
  [
    "getOrCreate",
    (tx) => tx.query(Star).getOrCreate({ filterBy: { id: 77n }, name: "x" }),
  ],
  ["insert", (tx) => tx.query(Star).insert({ id: 77n, name: "x" })],
  ["bulkInsert", (tx) => tx.query(Star).bulkInsert(STARS)],
  ["bulkUpsert", (tx) => tx.query(Star).bulkUpsert(STARS)],
  ["bulkUpdate", (tx) => tx.query(Star).bulkUpdate([{ id: 1n, mag: 9 }])],
  [
    "updateAll",
    (tx) => tx.query(Star).updateAll({ filterBy: {}, set: { mag: 9 } }),
  ],
  ["deleteAll", (tx) => tx.query(Star).deleteAll({ filterBy: { id: 1n } })],
  ["stream", (tx) => Array.fromAsync(tx.query(Star).stream({ batchSize: 1 }))],
  [
    "transaction",
    (tx) => tx.transaction((inner) => inner.query(Star).bulkInsert(STARS)),
  ],
  [
    "a transaction with several calls",
    (tx) =>
      tx.transaction(async (inner) => {
        for (let id = 77n; id < 87n; id++) {
          await inner.query(Star).insert({ id, name: "x" });
        }
      }),
  ],
];

/** Calls that a program does not await. */
export const unawaitedCalls: readonly Behaviour[] = [
  behaviour(
    "a transaction with a call that it does not await is rolled back, and both fail",
    async (db) => {
      for (const [name, begin] of UNAWAITED) {
        let call: Promise<unknown> | undefined;
        let runs = 0;
        await assert.rejects(
          db.transaction(async (tx) => {
            runs++;
            await tx.query(Star).bulkInsert([VEGA]);
            call = begin(tx).then(() => "ended", (error) => error);
          }, { retries: 2 }),
          (error) =>
            error instanceof TransactionError &&
            /returned while a call in it was still running.*Await every call/
              .test(error.message),
          name,
        );
        const error = await call;
        assert.ok(error instanceof TransactionError, `${name}: ${error}`);
        assert.match(error.message, /already ended\. Await every call/, name);
        assert.equal(runs, 1, name);
        assert.equal(await db.query(Star).count(), 0, name);
      }
    },
  ),
  behaviour(
    "a nested transaction with a call that it does not await fails alone",
    async (db) => {
      await db.transaction(async (tx) => {
        await tx.query(Star).bulkInsert([VEGA]);
        let call: Promise<unknown> | undefined;
        await assert.rejects(
          tx.transaction((inner) => {
            call = inner.query(Star).bulkUpsert(STARS)
              .then(() => "ended", (error) => error);
            return Promise.resolve();
          }),
          TransactionError,
        );
        assert.ok(await call instanceof TransactionError);
        assert.equal(await tx.query(Star).count(), 1);
      });
      assert.equal(await db.query(Star).count(), 1);
    },
  ),
  behaviour(
    "a call in a transaction that nobody awaits is no unhandled rejection",
    async (db) => {
      const unhandled: unknown[] = [];
      const listener = (event: PromiseRejectionEvent): void => {
        event.preventDefault();
        unhandled.push(event.reason);
      };
      globalThis.addEventListener("unhandledrejection", listener);
      try {
        for (const [name, begin] of UNAWAITED) {
          // The program awaits the iterator itself.
          if (name === "stream") continue;
          await assert.rejects(
            db.transaction((tx) => {
              begin(tx);
              return Promise.resolve();
            }),
          );
          await db.query(Star).count();
        }
      } finally {
        globalThis.removeEventListener("unhandledrejection", listener);
      }
      assert.deepEqual(unhandled, []);
      assert.equal(await db.query(Star).count(), 0);
    },
  ),
  behaviour(
    "calls that a transaction awaits together are no error",
    async (db) => {
      await db.transaction(async (tx) => {
        const counts = await Promise.all([
          tx.query(Star).bulkInsert([VEGA]),
          tx.query(Star).count(),
          tx.query(Star).find(),
        ]);
        assert.equal(counts.length, 3);
        const stream = tx.query(Star).stream({ batchSize: 1 })
          [Symbol.asyncIterator]();
        await stream.next();
      });
      assert.equal(await db.query(Star).count(), 1);
    },
  ),
];

/** Asserts that every call fails at once when the connection is closed before the call ends; `row` is one of its stars. */
export async function assertClosedDuringCalls(
  db: Connection,
  row: StarRow,
): Promise<void> {
  const begun = CALLS.filter(([name]) => name !== "withSession").map((
    [name, call],
  ) => [name, call(db, row)] as const);
  const calls = begun.filter(([, result]) => result instanceof Promise)
    .map(async ([name, result]) => [name, await outcome(result)] as const);
  assert.ok(calls.length > 15);
  await db.close();
  for (const [name, error] of await Promise.all(calls)) {
    assert.ok(error instanceof ConnectionError, `${name}: ${error}`);
    assert.match(error.message, /was closed.*is an await missing\?/, name);
  }
}

function outcome(work: unknown): Promise<unknown> {
  return Promise.resolve(work).then(() => "ended", (error) => error);
}
