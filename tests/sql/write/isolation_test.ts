// Writes and reads on servers whose default isolation level is stricter than read committed.
import {
  type AnyModel,
  DatabaseError,
  defineModel,
  type SQLConnection,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import { withRole } from "../../support/roles.ts";

const Star = defineModel("star", {
  fields: z.object({ id: z.int32(), v: z.int32().nullable() }),
  primaryKey: ["id"],
});
/** A table without a key. */
const Feature = defineModel("feature", {
  fields: z.object({ oid: z.int32(), v: z.int32().nullable() }),
});
const TABLE = [
  "create table star (id int primary key, v int)",
  "grant all on star to ROLE",
];
type Db = SQLConnection<readonly AnyModel[]>;

const ids = (count: number) => Array.from({ length: count }, (_, id) => id);

const CALLS: Record<string, (db: Db, call: number) => Promise<unknown>> = {
  getOrCreate: (db) =>
    Promise.all(
      ids(10).map((id) => db.query(Star).getOrCreate({ filterBy: { id } })),
    ),
  bulkUpsert: (db, v) =>
    db.query(Star).bulkUpsert(ids(50).map((id) => ({ id, v }))),
  bulkInsert: (db, v) =>
    db.query(Star).bulkInsert(ids(50).map((id) => ({ id, v }))),
  bulkUpdate: (db, v) =>
    db.query(Star).bulkUpdate(
      ids(50).map((id) => ({ id: (id * 7 + v) % 50, v })),
    ),
  updateAll: (db, v) =>
    db.query(Star).updateAll({ filterBy: { id: { gte: 0 } }, set: { v } }),
  deleteAll: (db, v) => db.query(Star).deleteAll({ filterBy: { id: [v, 20] } }),
  "reads and writes": async (db, v) => {
    await db.query(Star).findAll({ orderBy: { id: "asc" } });
    await db.query(Star).getOrCreate({ filterBy: { id: 100 + v } });
    await db.query(Star).count();
    await Array.fromAsync(db.query(Star).stream());
  },
  "commits of rows that were read": (db, v) =>
    db.withSession(async (session) => {
      const row = await db.query(Star).findOne({ filterBy: { id: 1 } });
      if (row !== null) db.query(Star).update(row, { v });
      await session.commit();
    }),
  transaction: (db, v) =>
    db.transaction((tx) =>
      tx.query(Star).updateAll({ filterBy: { id: 1 }, set: { v } })
    ),
};

for (const level of ["repeatable read", "serializable"]) {
  test(`calls that meet do not fail if the default isolation level is ${level}`, async () => {
    await withRole([Star], [
      ...TABLE,
      `alter role ROLE set default_transaction_isolation = '${level}'`,
    ], async ({ open }) => {
      const [first, second] = [await open(), await open()];
      assert.deepEqual(
        await first.sql`select current_setting('transaction_isolation') as l`,
        [{ l: level }],
      );
      await first.query(Star).bulkInsert(ids(50).map((id) => ({ id })));
      for (const [name, call] of Object.entries(CALLS)) {
        const outcomes = await Promise.allSettled(
          ids(8).map((n) => call(n % 2 === 0 ? first : second, n)),
        );
        const reasons = outcomes.flatMap((outcome) =>
          outcome.status === "rejected" ? [String(outcome.reason)] : []
        );
        assert.deepEqual(reasons, [], name);
      }
    });
  });
}

test("each of many concurrent getOrCreate calls creates a row at most once under serializable", async () => {
  await withRole([Star], [
    ...TABLE,
    "alter role ROLE set default_transaction_isolation = 'serializable'",
  ], async ({ open }) => {
    const db = await open();
    for (const id of ids(10)) {
      const results = await Promise.all(
        ids(10).map(() => db.query(Star).getOrCreate({ filterBy: { id } })),
      );
      assert.equal(results.filter(([, created]) => created).length, 1);
    }
  });
});

test("a transaction of Kysely has the server's default isolation level", async () => {
  await withRole([Star], [
    ...TABLE,
    "alter role ROLE set default_transaction_isolation = 'serializable'",
  ], async ({ open }) => {
    const db = await open();
    const rows = await db.kysely.transaction().execute((tx) =>
      tx.selectNoFrom((eb) =>
        eb.fn<string>("current_setting", [eb.val("transaction_isolation")])
          .as("l")
      ).execute()
    );
    assert.deepEqual(rows, [{ l: "serializable" }]);
  });
});

test("a write to a database that is read-only by default names the setting", async () => {
  await withRole([Star], [
    ...TABLE,
    "alter role ROLE set default_transaction_read_only = on",
  ], async ({ open }) => {
    const db = await open();
    const row = { id: 1, v: 1 };
    const writes = [
      () => db.query(Star).getOrCreate({ filterBy: { id: 1 } }),
      () => db.query(Star).bulkInsert([row]),
      () => db.query(Star).bulkUpsert([row]),
      () => db.query(Star).bulkUpdate([row]),
      () => db.query(Star).updateAll({ filterBy: { id: 1 }, set: { v: 1 } }),
      () => db.query(Star).deleteAll({ filterBy: { id: 1 } }),
    ];
    for (const write of writes) {
      await assert.rejects(
        write,
        (error) =>
          error instanceof DatabaseError && error.code === "25006" &&
          error.message.includes("default_transaction_read_only"),
      );
    }
    assert.deepEqual(await db.query(Star).findAll(), []);
  });
});

test("a call upserts without a unique key with read committed, whatever the default is", async () => {
  await withRole([Feature], [
    "create table feature (oid int, v int)",
    "grant all on feature to ROLE",
    "alter role ROLE set default_transaction_isolation = 'serializable'",
  ], async ({ open }) => {
    const [first, second] = [await open(), await open()];
    const conflict = ["oid"] as const;
    for (let round = 0; round < 5; round++) {
      const from = 10 * round;
      const outcomes = await Promise.all(
        ids(6).map((v) =>
          (v % 2 === 0 ? first : second).query(Feature).bulkUpsert(
            ids(10).map((n) => ({ oid: from + (n * 7 + v) % 10, v })),
            { conflict },
          )
        ),
      );
      assert.equal(
        outcomes.reduce((sum, { inserted }) => sum + inserted, 0),
        10,
      );
    }
    assert.equal(await first.query(Feature).count(), 50);
    const inside = await first.transaction((tx) =>
      tx.query(Feature).bulkUpsert([{ oid: 1, v: 9 }], { conflict })
    );
    assert.equal(inside.updated, 1);
  });
});
