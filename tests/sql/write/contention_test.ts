// Statements that block each other: locks, deadlocks, and a lost answer.
import {
  ConnectionError,
  defineModel,
  SchemaError,
  SQLConnection,
} from "@alerce/db-plugins";
import { Sighting, Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { sql } from "kysely";
import { z } from "zod";
import { freshSchema, postgresSettings } from "../../support/engines.ts";
import { startProxy } from "../../support/proxy.ts";

type Db = SQLConnection<typeof SUITE_MODELS>;

function test(
  name: string,
  run: (
    open: (more?: object) => Promise<Db>,
    schema: string,
  ) => Promise<void>,
): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const SCHEMA = freshSchema();
      const opened: Db[] = [];
      const open = async (more: object = {}): Promise<Db> => {
        const db = new SQLConnection({ models: SUITE_MODELS });
        await db.connect({ ...postgresSettings(), SCHEMA, ...more });
        opened.push(db);
        return db;
      };
      const owner = await open();
      await owner.createDb();
      try {
        await run(open, SCHEMA);
      } finally {
        await owner.dropDb();
        for (const db of opened) await db.close();
      }
    },
  });
}

test(
  "close does not wait for a read that waits for a lock",
  async (open, schema) => {
    const [holder, reader] = [await open(), await open()];
    const [locked, done] = [
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
    ];
    const holding = holder.kysely.transaction().execute(async (tx) => {
      await sql`lock table ${
        sql.table(`${schema}.star`)
      } in access exclusive mode`.execute(tx);
      locked.resolve();
      await done.promise;
    });
    await locked.promise;
    const reading = reader.query(Star).findOne({ filterBy: { id: 1n } });
    const failed = assert.rejects(reading, ConnectionError);
    await untilWaiting(holder);
    await reader.close();
    await failed;
    done.resolve();
    await holding;
  },
);

test(
  "concurrent reads of a missing table all throw a SchemaError",
  async (open, schema) => {
    const db = await open();
    await db.sql`drop table ${sql.table(`${schema}.sighting`)}`;
    const reads = await Promise.allSettled(
      Array.from(
        { length: 20 },
        () => db.query(Sighting).findOne({ filterBy: { star: 1n, night: 1 } }),
      ),
    );
    for (const read of reads) {
      assert.ok(
        read.status === "rejected" && read.reason instanceof SchemaError,
        String(read.status === "rejected" ? read.reason : "found"),
      );
    }
  },
);

test("two bulk inserts of many batches in opposite orders both succeed", async (open) => {
  const [left, right] = [await open(), await open()];
  const rows = Array.from({ length: 6_000 }, (_, index) => ({
    id: BigInt(index),
    name: `star ${index}`,
    labels: ["x".repeat(2_000)],
  }));
  const outcomes = await Promise.all([
    left.query(Star).bulkInsert(rows),
    right.query(Star).bulkInsert(rows.toReversed()),
  ]);
  const inserted = outcomes.reduce((sum, { inserted }) => sum + inserted, 0);
  assert.equal(inserted, rows.length);
  assert.equal(await left.query(Star).count(), rows.length);
});

test("a commit without an answer throws an error that says the rows may exist", async (open) => {
  const settings = postgresSettings();
  const proxy = startProxy(Number(settings.PORT), "commit\0");
  try {
    const [direct, db] = [await open(), await open({ PORT: proxy.port })];
    await assert.rejects(
      db.transaction((tx) =>
        tx.query(Star).updateAll({ filterBy: {}, set: { mag: 1 } })
      ),
      (error) =>
        error instanceof ConnectionError &&
        /may have been committed or not/.test(error.message),
    );
    assert.equal(await direct.query(Star).count(), 0);
  } finally {
    proxy.close();
  }
});

test(
  "an upsert into a partitioned table counts a row that another transaction inserts meanwhile as updated",
  async (open, SCHEMA) => {
    const Part = defineModel("part_of_star", {
      fields: z.object({ id: z.int32(), value: z.int32() }),
      primaryKey: ["id"],
      partitionBy: { hash: "id", partitions: 2 },
    });
    const observer = await open();
    await using holder = new SQLConnection({ models: [Part] });
    await using writer = new SQLConnection({ models: [Part] });
    await holder.connect({ ...postgresSettings(), SCHEMA });
    await writer.connect({ ...postgresSettings(), SCHEMA });
    await holder.createDb();
    await holder.query(Part).bulkInsert([{ id: 1, value: 0 }]);
    const [inserted, waiting] = [
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
    ];
    const holding = holder.transaction(async (tx) => {
      await tx.query(Part).bulkInsert([{ id: 2, value: 0 }]);
      inserted.resolve();
      await waiting.promise;
    });
    await inserted.promise;
    const upserting = writer.query(Part).bulkUpsert(
      [1, 2, 3].map((id) => ({ id, value: id })),
    );
    await untilWaiting(observer);
    waiting.resolve();
    await holding;
    assert.deepEqual(await upserting, {
      inserted: 1,
      updated: 2,
      unchanged: 0,
    });
    await holder.dropDb();
  },
);

async function untilWaiting(db: Db): Promise<void> {
  for (;;) {
    const waiting = await db.sql`
      select from pg_stat_activity where wait_event_type = 'Lock' and query like '%star%'`;
    if (waiting.length > 0) return;
  }
}
