import assert from "node:assert/strict";
import type { Transaction } from "../connection/transaction.ts";
import { TimeoutError, TransactionError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";
import { fillStars, STARS } from "./stars.ts";
import { abortable, isSame } from "./abortable.ts";
import { slowRows, VEGA } from "./slow_rows.ts";

/** Limits of calls in transactions, and of transactions. */
export const transactionLimits: readonly Behaviour[] = [
  behaviour(
    "a call that reaches its limit fails its transaction, also if the error is caught",
    async (db) => {
      await assert.rejects(
        db.transaction(async (tx) => {
          await tx.query(Star).bulkInsert(STARS);
          await assert.rejects(
            tx.query(Star).bulkInsert(slowRows().rows, { timeout: 30 }),
            TimeoutError,
          );
        }),
        (error) =>
          error instanceof TransactionError &&
          /reached its limit/.test(error.message),
      );
      assert.equal(await db.query(Star).count(), 0);
    },
  ),
  behaviour(
    "a nested transaction that reaches its limit fails alone",
    async (db) => {
      await db.transaction(async (tx) => {
        const { signal, reason, abort } = abortable();
        await tx.query(Star).bulkInsert([VEGA]);
        await assert.rejects(
          tx.transaction(async (inner) => {
            await inner.query(Star).bulkInsert(STARS);
            abort();
            await new Promise(() => {});
          }, { signal }),
          isSame(reason),
        );
        assert.equal(await tx.query(Star).count(), 1);
      });
      assert.equal(await db.query(Star).count(), 1);
    },
  ),
  behaviour("the limits of a transaction roll it back", async (db) => {
    const { signal, reason, abort } = abortable();
    let leaked: Transaction | undefined;
    await assert.rejects(
      db.transaction(async (tx) => {
        leaked = tx;
        await tx.query(Star).bulkInsert(STARS);
        abort();
        await new Promise(() => {});
      }, { signal }),
      isSame(reason),
    );
    await assert.rejects(async () => await leaked?.query(Star).count());
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.query(Star).bulkInsert(STARS);
        await new Promise(() => {});
      }, { timeout: 40, retries: 3 }),
      (error) =>
        error instanceof TimeoutError &&
        /transaction did not end within its timeout of 40 ms/
          .test(error.message),
    );
    assert.equal(await db.query(Star).count(), 0);
    await db.query(Star).bulkInsert([VEGA]);
    assert.equal(await db.query(Star).count(), 1);
  }),
  behaviour("a commit that is aborted keeps the marks", async (db) => {
    await fillStars(db);
    const row = await db.query(Star).first({ filterBy: { id: 1n } });
    assert.ok(row);
    db.query(Star).update(row, { mag: 9 });
    const reason = new Error("stop");
    await assert.rejects(
      db.session.commit({ signal: AbortSignal.abort(reason) }),
      isSame(reason),
    );
    assert.equal(await db.query(Star).count({ filterBy: { mag: 9 } }), 0);
    assert.deepEqual(await db.session.commit({ timeout: 60_000 }), {
      updated: 1,
      deleted: 0,
    });
    assert.equal(await db.query(Star).count({ filterBy: { mag: 9 } }), 1);
  }),
];
