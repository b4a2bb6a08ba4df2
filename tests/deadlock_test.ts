// A bulk write that deadlocks with another transaction is tried again, and neither loses anything.
import { SQLConnection } from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { freshSchema, postgresSettings } from "./engines.ts";
import { someoneWaits } from "./waiting.ts";

type Db = SQLConnection<typeof SUITE_MODELS>;

async function opened(SCHEMA: string): Promise<Db> {
  const db = new SQLConnection({ models: SUITE_MODELS });
  await db.connect({ ...postgresSettings(), SCHEMA });
  await db.createDb();
  return db;
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
      // Two sets of fields are two statements, in the order of the marks.
      const [, last] = rows;
      if (last !== undefined) db.query(Star).update(last, { status: "x" });
      await db.session.commit();
    },
  ],
];

for (const [name, write] of WRITES) {
  Deno.test({
    name: `${name} that meets a writer in the other order is tried again`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const SCHEMA = freshSchema();
      const [db, other, watcher] = [
        await opened(SCHEMA),
        await opened(SCHEMA),
        await opened(SCHEMA),
      ];
      await db.query(Star).bulkInsert([
        { id: 1n, name: "a" },
        { id: 2n, name: "b" },
      ]);
      let writing: Promise<unknown> | undefined;
      await other.transaction(async (tx) => {
        const set = { mag: 1 };
        await tx.query(Star).updateAll({ filterBy: { id: 2n }, set });
        writing = write(db);
        writing.catch(() => {});
        await someoneWaits(watcher, SCHEMA);
        // The writer has waited longer, so the server ends its statement and not this one.
        await tx.query(Star).updateAll({ filterBy: { id: 1n }, set });
      });
      await writing;
      const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
      assert.deepEqual(rows.map(({ mag, visits }) => [mag, visits]), [
        [1, 1],
        [1, 1],
      ]);
      await db.dropDb();
      for (const open of [db, other, watcher]) await open.close();
    },
  });
}
