// Calls in a transaction that its function does not await.
import { type DbPluginsError, TransactionError } from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { opened, test } from "../../support/mongo_case.ts";

const stars = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: BigInt(index),
    name: `star ${index}`,
  }));

/** The result of a call that was not awaited. */
function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.then(() => "done", (error) => error);
}

test("a call that is not awaited in a transaction is a readable error, and the transaction is rolled back", async () => {
  await using db = await opened();
  const query = db.query(Star);
  let call: Promise<unknown> | undefined;
  await assert.rejects(
    db.transaction(async (tx) => {
      await tx.query(Star).bulkInsert([{ id: -1n, name: "first" }]);
      call = outcome(tx.query(Star).bulkInsert(stars(12_000)));
    }),
    (error) =>
      error instanceof TransactionError &&
      /Await every call/.test(error.message),
  );
  const error = await call;
  assert.ok(error instanceof TransactionError, Deno.inspect(error));
  assert.match(error.message, /it has already ended\. Await every call/);
  assert.equal(await query.count(), 0);
});

test("a call that is still running when another fails is a readable error too", async () => {
  await using db = await opened();
  let call: Promise<unknown> | undefined;
  await assert.rejects(
    db.transaction(async (tx) => {
      call = outcome(tx.query(Star).bulkInsert(stars(12_000)));
      await tx.query(Star).count();
      throw new Error("no");
    }),
    /^Error: no$/,
  );
  const error = await call;
  assert.ok(error instanceof TransactionError, Deno.inspect(error));
  assert.equal(await db.query(Star).count(), 0);
});

test("a call that is not awaited in a nested transaction writes nothing after that has failed", async () => {
  await using db = await opened();
  let call: Promise<unknown> | undefined;
  await db.transaction(async (tx) => {
    const failed: DbPluginsError = await tx.transaction(async (inner) => {
      call = outcome(inner.query(Star).bulkInsert(stars(12_000)));
      await inner.query(Star).count();
    }).then(() => assert.fail("It was kept"), (error) => error);
    assert.ok(failed instanceof TransactionError, Deno.inspect(failed));
    await call;
    assert.equal(await tx.query(Star).count(), 0);
    await tx.query(Star).bulkInsert([{ id: -1n, name: "outer" }]);
  });
  assert.ok(await call instanceof TransactionError);
  assert.equal(await db.query(Star).count(), 1);
});
