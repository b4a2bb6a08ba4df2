// Statements that fail before or after a part of them was written.
import {
  DuplicateKeyError,
  TransactionError,
  ValidationError,
} from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { opened, test, untyped } from "../../support/mongo_case.ts";

/** More rows than one batch. */
const MANY = 6_000;
const rows = Array.from({ length: MANY }, (_, index) => ({
  id: BigInt(index),
  name: `star ${index}`,
}));

test("a transaction in which a statement failed halfway cannot continue or commit, even if the error was caught", async () => {
  await using db = await opened();
  await db.query(Star).bulkInsert([{ id: 9_999_999n, name: "star 5500" }]);
  for (const goOn of [true, false]) {
    const failing = db.transaction(async (tx) => {
      const stars = tx.query(Star);
      await assert.rejects(
        async () => await stars.bulkInsert(rows, { onConflict: "error" }),
        DuplicateKeyError,
      );
      if (!goOn) return;
      await assert.rejects(
        async () => void await stars.count(),
        TransactionError,
      );
    });
    await assert.rejects(failing, (error) => {
      assert.ok(error instanceof TransactionError, Deno.inspect(error));
      assert.match(error.message, /the whole transaction will be rolled back/);
      return true;
    });
    assert.equal(await db.query(Star).count(), 1);
  }
});

test("a nested transaction in which a statement failed halfway is undone, and the outer one is committed", async () => {
  await using db = await opened();
  await db.query(Star).bulkInsert([{ id: 9_999_999n, name: "star 5500" }]);
  await db.transaction(async (tx) => {
    const inner = tx.transaction(async (inside) => {
      const stars = inside.query(Star);
      await stars.bulkInsert(rows, { onConflict: "error" }).catch(() => {});
    });
    await assert.rejects(inner, TransactionError);
    assert.equal(await tx.query(Star).count(), 1);
    await tx.query(Star).bulkInsert([{ id: 1n, name: "a" }]);
  });
  assert.equal(await db.query(Star).count(), 2);
});

test("an incomplete row that does not exist is refused before any other row is written", async () => {
  await using db = await opened();
  const stars = db.query(Star);
  const incomplete = untyped({ id: BigInt(MANY), mag: 1 });
  await assert.rejects(
    async () => await stars.bulkUpsert([...rows, incomplete]),
    (error) => {
      assert.ok(error instanceof ValidationError, Deno.inspect(error));
      assert.deepEqual(
        error.rows.map(({ index, field }) => [index, field]),
        [[MANY, "name"]],
      );
      return true;
    },
  );
  assert.equal(await stars.count(), 0);
});
