// A bulk write that deadlocks with another transaction is retried, and both are kept.
import { SerializationError, SQLConnection } from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import pg from "pg";
import { retry } from "../../../src/base/retry.ts";
import { clientConfig, freshSchema } from "../../support/engines.ts";
import { statementWaits } from "../../support/waiting.ts";

type Db = SQLConnection<typeof SUITE_MODELS>;

/** Opens a connection whose statements check for a deadlock once, after this wait. */
async function opened(
  SCHEMA: string,
  wait: string,
): Promise<{ db: Db; close(): Promise<void> }> {
  const client = new pg.Pool({
    ...clientConfig(),
    options: `-c deadlock_timeout=${wait}`,
  });
  const db = new SQLConnection({ models: SUITE_MODELS, client });
  await db.connect({ SCHEMA });
  await db.createDb();
  return {
    db,
    async close() {
      await db.close();
      await client.end();
    },
  };
}

const ROWS = [
  { id: 1n, name: "a", visits: 1 },
  { id: 2n, name: "b", visits: 1 },
];

const WRITES: readonly (readonly [string, (db: Db) => Promise<unknown>])[] = [
  ["bulkUpsert", (db) => db.query(Star).bulkUpsert(ROWS)],
  [
    "bulkUpsert inside a transaction",
    (db) => db.transaction((tx) => tx.query(Star).bulkUpsert(ROWS)),
  ],
  [
    "a session's commit",
    async (db) => {
      const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
      for (const row of rows) db.query(Star).update(row, { visits: 1 });
      // Marks with different fields are two statements, in the order of the marks.
      const [, last] = rows;
      if (last !== undefined) db.query(Star).update(last, { status: "x" });
      await db.session.commit();
    },
  ],
];

/** Runs a write that locks the first row and waits for the second one, which another transaction holds; that one then waits for the first row. */
async function meetsAnother(
  write: (db: Db) => Promise<unknown>,
): Promise<(readonly unknown[])[]> {
  const SCHEMA = freshSchema();
  const watcher = await opened(SCHEMA, "1s");
  // The write has waited longer when the other one starts to wait, so it detects the deadlock and is canceled.
  const writer = await opened(SCHEMA, "3s");
  const other = await opened(SCHEMA, "8s");
  await writer.db.query(Star).bulkInsert(
    ROWS.map(({ id, name }) => ({ id, name })),
  );
  const met = async (): Promise<void> => {
    let writing: Promise<unknown> | undefined;
    await other.db.transaction(async (tx) => {
      const set = { mag: 1 };
      await tx.query(Star).updateAll({ filterBy: { id: 2n }, set });
      writing = write(writer.db);
      writing.catch(() => {});
      await statementWaits(watcher.db, SCHEMA);
      await tx.query(Star).updateAll({ filterBy: { id: 1n }, set });
    }).finally(() => writing);
  };
  // If a busy machine delays the other one until the write has checked, the server cancels the other one.
  await retry(met, {
    attempts: 5,
    isRetryable: (error) => error instanceof SerializationError,
  });
  const rows = await writer.db.query(Star).findAll({ orderBy: { id: "asc" } });
  await writer.db.dropDb();
  for (const { close } of [watcher, writer, other]) await close();
  return rows.map(({ mag, visits }) => [mag, visits]);
}

Deno.test({
  name:
    "a write that deadlocks with another transaction is retried, and both are kept",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const outcomes = await Promise.all(
      WRITES.map(async ([name, write]) => [name, await meetsAnother(write)]),
    );
    assert.deepEqual(
      outcomes,
      WRITES.map(([name]) => [name, [[1, 1], [1, 1]]]),
    );
  },
});
