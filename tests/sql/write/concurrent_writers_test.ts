// Concurrent writers: no write is lost, and none waits forever.
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { connected, stars, test } from "../../support/connected.ts";
import { freshSchema } from "../../support/engines.ts";
import { ROUNDS } from "../../support/rounds.ts";

/** Rows that are created, each by a hundred calls. */
const KEYS = 15 * Math.min(ROUNDS, 4);

test("a hundred concurrent getOrCreate calls create one row per key, many times, on several connections", async () => {
  const SCHEMA = freshSchema();
  const [left, right] = [
    await connected({ SCHEMA }),
    await connected({ SCHEMA }),
  ];
  for (let round = 0; round < KEYS; round++) {
    const answers = await Promise.all(
      Array.from(
        { length: 100 },
        (_, index) =>
          (index % 2 === 0 ? left : right).query(Star).getOrCreate({
            filterBy: { id: BigInt(round) },
            name: `s${round}`,
            visits: index,
          }),
      ),
    );
    assert.equal(
      answers.filter(([, created]) => created).length,
      1,
      `round ${round}`,
    );
    assert.equal(new Set(answers.map(([row]) => row.visits)).size, 1);
  }
  assert.equal(await left.query(Star).count(), KEYS);
  await left.dropDb();
  await left.close();
  await right.close();
});

test("concurrent bulk writers with rows in any order neither deadlock nor lose rows", async () => {
  const db = await connected();
  const rows = stars(3_000);
  const orders = [
    rows,
    rows.toReversed(),
    rows.toSorted((a, b) => a.name < b.name ? -1 : 1),
    rows.toReversed(),
  ];
  for (let round = 0; round < 5; round++) {
    const inserted = await Promise.all(
      orders.map((order) => db.query(Star).bulkInsert(order)),
    );
    const total = inserted.reduce((sum, { inserted }) => sum + inserted, 0);
    assert.equal(total, 3_000);
    if (round < 4) await db.query(Star).deleteAll({ filterBy: {}, all: true });
  }
  await Promise.all(
    orders.map((order, index) =>
      db.query(Star).bulkUpsert(order.map((row) => ({ ...row, visits: index })))
    ),
  );
  assert.equal(await db.query(Star).count(), 3_000);
  assert.equal(
    new Set((await db.query(Star).findAll()).map(({ visits }) => visits)).size,
    1,
  );
  await db.dropDb();
  await db.close();
});

test("a serialization failure is retried as often as retries allows", async () => {
  const db = await connected();
  await db.query(Star).bulkInsert([{ id: 1n, name: "a", visits: 0 }]);
  const bump = (retries: number) =>
    db.transaction(async (tx) => {
      const row = await tx.query(Star).findOne({ filterBy: { id: 1n } });
      await tx.query(Star).updateAll({
        filterBy: { id: 1n },
        set: { visits: (row?.visits ?? 0) + 1 },
      });
    }, { isolationLevel: "serializable", retries });
  await Promise.all(Array.from({ length: 5 }, () => bump(50)));
  assert.equal((await db.query(Star).first())?.visits, 5);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, () => bump(0)),
  );
  const failed = outcomes.filter((outcome) => outcome.status === "rejected");
  assert.ok(failed.every(({ reason }) => reason.name === "SerializationError"));
  await assert.rejects(
    db.transaction((tx) => tx.query(Star).deleteAll({ filterBy: { id: 1n } }), {
      readOnly: true,
    }),
    /read-only/,
  );
  await db.dropDb();
  await db.close();
});
