// Concurrent writers.
import {
  DbPluginsError,
  DuplicateKeyError,
  MongoConnection,
  SerializationError,
  StaleRowError,
  TransactionError,
} from "@alerce/db-plugins";
import { Star, type StarRow, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { mongoSettings } from "../../support/engines.ts";
import { opened, test } from "../../support/mongo_case.ts";
import { ROUNDS } from "../../support/rounds.ts";

/** Rows that are created, each by a hundred calls. */
const KEYS = 15 * Math.min(ROUNDS, 4);

test("a hundred concurrent getOrCreate calls create one row, many times", async () => {
  await using db = await opened();
  for (let round = 0; round < KEYS; round++) {
    const made = await Promise.all(
      Array.from({ length: 100 }, (_, mag) =>
        db.query(Star).getOrCreate({
          filterBy: { id: BigInt(round) },
          name: `star ${round}`,
          mag,
        })),
    );
    assert.equal(made.filter(([, created]) => created).length, 1);
    assert.equal(new Set(made.map(([row]) => row.mag)).size, 1);
  }
  assert.equal(await db.query(Star).count(), KEYS);
});

test("two sessions can update the same row, and a row that one deleted is missing for the other", async () => {
  await using db = await opened();
  await db.query(Star).bulkInsert([{ id: 1n, name: "a" }]);
  const stars = db.query(Star);
  const read = Promise.withResolvers<void>();
  let readers = 0;
  /** Reads the row in a new session, and changes it after the other session has read it too. */
  const inSession = (change: (row: StarRow) => void): Promise<object> =>
    db.withSession(async (session) => {
      const row = await stars.findOne({ filterBy: { id: 1n } });
      assert.ok(row);
      if (++readers === 2) read.resolve();
      await read.promise;
      change(row);
      return await session.commit();
    });
  await Promise.all([
    inSession((row) => void stars.update(row, { mag: 1 })),
    inSession((row) => void stars.update(row, { visits: 2 })),
  ]);
  const row = await stars.findOne({ filterBy: { id: 1n } });
  assert.ok(row);
  assert.deepEqual([row.mag, row.visits], [1, 2]);
  stars.update(row, { mag: 3 });
  await db.withSession(async (session) => {
    const [same] = await stars.findAll();
    assert.ok(same);
    stars.delete(same);
    await session.commit();
  });
  await assert.rejects(db.session.commit(), StaleRowError);
  assert.equal(await stars.count(), 0);
  db.session.rollback();
});

test("a transaction whose first write conflicts with another one waits until that has ended, without a retry", async () => {
  await using db = new MongoConnection({ models: SUITE_MODELS });
  const met = Promise.withResolvers<void>();
  await db.connect(mongoSettings(), {
    onQuery: ({ error }) => {
      if (error instanceof SerializationError) met.resolve();
    },
  });
  await db.createDb();
  await db.query(Star).bulkInsert([{ id: 1n, name: "a", visits: 0 }]);
  const written = Promise.withResolvers<void>();
  const first = db.transaction(async (tx) => {
    await tx.query(Star).updateAll({ filterBy: {}, set: { visits: 1 } });
    written.resolve();
    await met.promise;
  });
  await written.promise;
  let runs = 0;
  const second = db.transaction(async (tx) => {
    runs++;
    await tx.query(Star).updateAll({ filterBy: {}, set: { mag: 1 } });
  });
  await Promise.all([first, second]);
  assert.equal(runs, 1);
  assert.equal(
    await db.query(Star).count({ filterBy: { visits: 1, mag: 1 } }),
    1,
  );
  await db.dropDb();
});

test("a hundred concurrent getOrCreate calls with more than the key create one row", async () => {
  await using db = await opened();
  for (let round = 0; round < 10; round++) {
    const filterBy = { id: BigInt(round), name: `star ${round}` };
    const made = await Promise.all(
      Array.from(
        { length: 100 },
        () => db.query(Star).getOrCreate({ filterBy }),
      ),
    );
    assert.equal(made.filter(([, created]) => created).length, 1);
  }
  assert.equal(await db.query(Star).count(), 10);
});

for (const kind of ["an array", "a source"] as const) {
  test(
    `an atomic insert of ${kind} that conflicts with a transaction ${
      kind === "an array"
        ? "is retried"
        : "reports it, because its rows cannot be read again"
    }`,
    async () => {
      await using db = new MongoConnection({ models: SUITE_MODELS });
      const met = Promise.withResolvers<void>();
      await db.connect(mongoSettings(), {
        onQuery: ({ error }) => {
          if (error instanceof SerializationError) met.resolve();
        },
      });
      await db.createDb();
      const query = db.query(Star);
      const row = { id: 1n, name: "a" };
      const written = Promise.withResolvers<void>();
      const first = db.transaction(async (tx) => {
        await tx.query(Star).bulkInsert([row]);
        written.resolve();
        await met.promise;
      });
      await written.promise;
      const rows = [{ id: 2n, name: "b" }, row];
      const second = query.bulkInsert(
        kind === "an array" ? rows : rows.values(),
        { onConflict: "error" },
      );
      await assert.rejects(
        second,
        kind === "an array" ? DuplicateKeyError : SerializationError,
      );
      await first;
      assert.deepEqual((await query.findAll()).map(({ id }) => id), [1n]);
      await db.dropDb();
    },
  );
}

test("a connection cannot be used inside its own transaction, and can be closed twice", async () => {
  const db = await opened();
  await db.transaction(async (tx) => {
    await assert.rejects(
      async () => void await db.query(Star).count(),
      TransactionError,
    );
    assert.equal(await tx.query(Star).count(), 0);
  });
  await db.close();
  await db.close();
  await assert.rejects(
    async () => void await db.query(Star).count(),
    DbPluginsError,
  );
});
