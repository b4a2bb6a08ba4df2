// What the protocol of PostgreSQL cannot carry is refused before anything is sent.
import { isSql, LimitError, QueryError } from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { test } from "../../support/connected.ts";
import { sqlEngines } from "../../support/engines.ts";
import { assertSendable } from "../../../src/sql/driver/protocol/assert_sendable.ts";

/** Conditions with two parameters each. */
function conditions(count: number): { or: { id: bigint; name: string }[] } {
  const or = Array.from(
    { length: count },
    (_, id) => ({ id: BigInt(id), name: "Vega" }),
  );
  return { or };
}

function isBeyond(limit: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof LimitError, String(error));
    assert.equal(error.limit, limit);
    assert.match(error.message, /Nothing was sent/);
    return true;
  };
}

for (const { name, open } of sqlEngines) {
  test(`${name}: a statement with more than 65,535 parameters is a LimitError, and the transaction continues`, async () => {
    await using db = await open(SUITE_MODELS);
    await db.createDb();
    await db.transaction(async (tx) => {
      await tx.query(Star).insert({ id: 7n, name: "Vega" });
      await assert.rejects(
        tx.query(Star).count({ filterBy: conditions(32_768) }),
        isBeyond("parameters"),
      );
      assert.equal(
        await tx.query(Star).count({ filterBy: conditions(1_000) }),
        1,
      );
    });
    assert.equal(await db.query(Star).count(), 1);
    await db.dropDb();
  });

  test(`${name}: parameters of native SQL that are endless as text are refused`, async () => {
    await using db = await open(SUITE_MODELS);
    assert.ok(isSql(db));
    let doubled: unknown[] = ["x".repeat(1_000)];
    for (let level = 0; level < 40; level++) doubled = [doubled, doubled];
    await assert.rejects(db.sql`select ${doubled}`, isBeyond("text"));
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    await assert.rejects(
      db.sql`select ${cyclic}`,
      (error) =>
        error instanceof QueryError && /contains itself/.test(error.message),
    );
    await assert.rejects(
      db.sql`select ${{ at: doubled }}`,
      isBeyond("text"),
    );
  });
}

Deno.test("a statement of more than 1 GiB is a LimitError", () => {
  const values: string[] = Array(11).fill("x".repeat(100_000_000));
  assert.throws(() => assertSendable({ text: "", values }), isBeyond("bytes"));
  assertSendable({ text: "", values: values.slice(1) });
});
