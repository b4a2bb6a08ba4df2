// Calls that need the facts of a table at the same time, before any call has read them.
import { SQLConnection } from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { test } from "../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../support/engines.ts";

async function connected(size: number) {
  const db = new SQLConnection({ models: [Star] });
  await db.connect({
    ...postgresSettings(),
    SCHEMA: freshSchema(),
    POOL_SIZE: size,
  });
  await db.createDb();
  return db;
}

test("transactions that have all clients of the pool do not wait for calls that wait for one", async () => {
  for (const size of [1, 2]) {
    const db = await connected(size);
    const star = (id: bigint) => ({ id, name: `star ${id}` });
    const transactions = Array.from(
      { length: size },
      (_, index) =>
        db.transaction((tx) => tx.query(Star).insert(star(BigInt(index))), {
          timeout: 60_000,
        }),
    );
    await Promise.all([
      ...transactions,
      db.query(Star).insert(star(10n), { timeout: 60_000 }),
      db.query(Star).bulkUpsert([star(11n)], { timeout: 60_000 }),
      db.query(Star).insert(star(12n)),
    ]);
    assert.equal(await db.query(Star).count(), size + 3);
    await db.dropDb();
    await db.close();
  }
});
