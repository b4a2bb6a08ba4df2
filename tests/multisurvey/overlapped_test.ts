// Writes of a transaction go on together until one fails, and its error is reported.
import { TransactionError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { overlapped } from "../../src/alerts/overlapped.ts";

Deno.test("writes return their results in order, and the cause of a failure is its error", async () => {
  for (const rows of [1, 1_000]) {
    const results = [1, 2, 3].map((value) => () => Promise.resolve(value));
    assert.deepEqual(await overlapped(rows, results), [1, 2, 3]);
  }
  const failed = Promise.withResolvers<void>();
  const cause = new Error("a row is wrong");
  let running = 0;
  const rejected = async (error: Error): Promise<void> => {
    running++;
    await failed.promise;
    running--;
    throw error;
  };
  const after = new TransactionError("the transaction has failed");
  const writes = [after, cause, after].map((error) => () => rejected(error));
  const result = overlapped(1, writes);
  failed.resolve();
  assert.equal(await result.catch((error) => error), cause);
  assert.equal(running, 0);
});

Deno.test("no write starts after one has failed", async () => {
  let started = 0;
  await assert.rejects(
    overlapped(1_000, [
      () => Promise.reject(new Error("first")),
      () => Promise.resolve(started++),
    ]),
    /first/,
  );
  assert.equal(started, 0);
});
