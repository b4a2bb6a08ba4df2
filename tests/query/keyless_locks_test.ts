// Upserts without a unique key: which calls wait for each other.
import { connect, TransactionError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { CONFLICT, Keyless, type MergedRow } from "./merging_rows.ts";
import { MERGING_ENGINES } from "./merging_engines.ts";

const row = (id: number, visits: number): MergedRow => ({
  id: BigInt(id),
  name: "n",
  mag: null,
  visits,
  seen: null,
  status: "s",
});
const OPTIONS = { conflict: CONFLICT };

for (const { name, settings, ignore } of MERGING_ENGINES) {
  const test = (
    behavior: string,
    run: (given: object) => Promise<void>,
  ): void =>
    Deno.test({
      name: `${name}: ${behavior}`,
      ignore,
      async fn() {
        const given = settings();
        await using db = await connect(given, { models: [Keyless] });
        await db.createDb();
        await run(given);
        await db.dropDb();
      },
    });
  const open = (given: object) => connect(given, { models: [Keyless] });

  test(
    "an upsert waits for an open transaction that upserts its key, and passes others",
    async (given) => {
      await using one = await open(given);
      await using other = await open(given);
      const written = Promise.withResolvers<void>();
      const passed = Promise.withResolvers<void>();
      const order: string[] = [];
      const held = one.transaction(async (tx) => {
        await tx.query(Keyless).bulkUpsert([row(1, 1)], OPTIONS);
        written.resolve();
        await passed.promise;
        order.push("first");
      });
      await written.promise;
      const same = other.query(Keyless).bulkUpsert([row(1, 2)], OPTIONS)
        .then((outcome) => {
          order.push("second");
          return outcome;
        });
      const different = await other.query(Keyless).bulkUpsert(
        [row(2, 1)],
        OPTIONS,
      );
      assert.equal(different.inserted, 1);
      passed.resolve();
      await held;
      assert.deepEqual(await same, { inserted: 0, updated: 1, unchanged: 0 });
      assert.deepEqual(order, ["first", "second"]);
      const rows = await one.query(Keyless).findAll({ orderBy: { id: "asc" } });
      assert.deepEqual(rows.map(({ visits }) => visits), [2, 1]);
    },
  );

  test("two writers of one new key at once leave one row", async (given) => {
    await using one = await open(given);
    await using other = await open(given);
    for (let id = 0; id < 10; id++) {
      const outcomes = await Promise.all(
        [one, other].map((db, visits) =>
          db.query(Keyless).bulkUpsert([row(id, visits)], OPTIONS)
        ),
      );
      assert.equal(
        outcomes.reduce((sum, { inserted }) => sum + inserted, 0),
        1,
      );
    }
    assert.equal(await one.query(Keyless).count(), 10);
  });

  test(
    "calls with many keys, in opposite orders and with different fields, neither deadlock nor repeat a key",
    async (given) => {
      await using one = await open(given);
      await using other = await open(given);
      const rows = Array.from({ length: 300 }, (_, id) => row(id, 1));
      const mixed = rows.map(({ visits, ...rest }, index) =>
        index % 2 === 0 ? { ...rest, visits } : rest
      );
      await Promise.all([
        one.query(Keyless).bulkUpsert(rows, OPTIONS),
        other.query(Keyless).bulkUpsert(rows.toReversed(), OPTIONS),
        one.query(Keyless).bulkUpsert(mixed, OPTIONS),
        other.query(Keyless).bulkUpsert(mixed.toReversed(), OPTIONS),
      ]);
      assert.equal(await one.query(Keyless).count(), 300);
    },
  );

  test(
    "an upsert writes rows that a transaction updates or deletes in the meantime",
    async (given) => {
      await using one = await open(given);
      await using other = await open(given);
      await one.query(Keyless).bulkInsert([1, 2, 3].map((id) => row(id, 1)));
      const written = Promise.withResolvers<void>();
      const upserting = Promise.withResolvers<void>();
      const held = one.transaction(async (tx) => {
        const query = tx.query(Keyless);
        await query.updateAll({ filterBy: { id: 1n }, set: { visits: 5 } });
        await query.deleteAll({ filterBy: { id: 2n } });
        written.resolve();
        await upserting.promise;
      });
      await written.promise;
      const upsert = other.query(Keyless).bulkUpsert(
        [1, 2, 3, 4].map((id) => row(id, 7)),
        OPTIONS,
      );
      // Time in which it meets the rows of the transaction.
      await new Promise((resolve) => setTimeout(resolve, 100));
      upserting.resolve();
      await held;
      assert.deepEqual(await upsert, { inserted: 2, updated: 2, unchanged: 0 });
      const rows = await one.query(Keyless).findAll({ orderBy: { id: "asc" } });
      assert.deepEqual(
        rows.map(({ id, visits }) => [Number(id), visits]),
        [[1, 7], [2, 7], [3, 7], [4, 7]],
      );
    },
  );

  if (name === "mongodb") continue;
  test(
    "a transaction with an old snapshot refuses an upsert without a unique key",
    async (given) => {
      await using db = await open(given);
      for (
        const isolationLevel of ["repeatable read", "serializable"] as const
      ) {
        await assert.rejects(
          db.transaction(
            (tx) => tx.query(Keyless).bulkUpsert([row(1, 1)], OPTIONS),
            { isolationLevel },
          ),
          (error) =>
            error instanceof TransactionError &&
            /read committed/.test(error.message),
        );
      }
      assert.equal(await db.query(Keyless).count(), 0);
    },
  );
}
