// The server ends a connection in the middle of a write: nobody is told that nothing was written unless that is certain.
import { ConnectionError, type WriteOutcome } from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { sql } from "kysely";
import { connected, type Db, stars, test } from "../../support/connected.ts";
import { freshSchema } from "../../support/engines.ts";

const ROW = { id: 2n, name: "two" };
const OTHER = { id: 7n, name: "seven" };
const filterBy = { id: 2n };

/** Single statements, which the server commits by itself. */
const ALONE: Readonly<Record<string, (db: Db) => Promise<unknown>>> = {
  insert: (db) => db.query(Star).insert(OTHER),
  "insert with a limit": (db) =>
    db.query(Star).insert(OTHER, { timeout: 30_000 }),
  getOrCreate: (db) =>
    db.query(Star).getOrCreate({ filterBy: { id: 7n }, name: "seven" }),
  updateAll: (db) => db.query(Star).updateAll({ filterBy, set: { mag: 1 } }),
  deleteAll: (db) => db.query(Star).deleteAll({ filterBy }),
  "bulkInsert of few rows": (db) => db.query(Star).bulkInsert([OTHER]),
  "a session with one change": async (db) => {
    const row = await db.query(Star).findOne({ filterBy });
    assert.ok(row);
    db.query(Star).update(row, { mag: 4 });
    await db.session.commit().finally(() => db.session.rollback());
  },
};

/** Writes whose commit is a statement of its own. */
const COMMITTED: typeof ALONE = {
  "bulkInsert of many rows": (db) =>
    db.query(Star).bulkInsert(
      stars(3_000).map(({ id }) => ({ id: id + 100n, name: `n${id}` })),
    ),
  "a transaction": (db) =>
    db.transaction((tx) => tx.query(Star).bulkUpsert([{ ...ROW, mag: 3 }])),
};

/** Runs a write whose trigger ends the connection. */
async function assertOutcome(
  db: Db,
  name: string,
  write: (db: Db) => Promise<unknown>,
  outcome: WriteOutcome,
): Promise<void> {
  const error = await write(db).then(() => undefined, (error) => error);
  assert.ok(error instanceof ConnectionError, `${name}: ${error}`);
  assert.match(error.message, /terminating connection|during a commit/, name);
  assert.equal(error.outcome, outcome, name);
  const rows = await db.query(Star).findAll();
  assert.deepEqual(rows.map(({ id, mag }) => [id, mag]), [[2n, null]], name);
}

for (const isDeferred of [false, true]) {
  const when = isDeferred ? "at the commit" : "in the statement";
  test(`a write that the server ends ${when} is unknown, or certainly not applied`, async () => {
    const SCHEMA = freshSchema();
    const db = await connected({ SCHEMA });
    await db.query(Star).insert(ROW);
    const schema = sql.id(SCHEMA);
    await db
      .sql`create function ${schema}.ending() returns trigger language plpgsql as $$
      begin perform pg_terminate_backend(pg_backend_pid()), pg_sleep(5); return null; end $$`;
    await db
      .sql`create constraint trigger ending after insert or update or delete on ${schema}.star
      deferrable initially ${sql.raw(isDeferred ? "deferred" : "immediate")}
      for each row execute function ${schema}.ending()`;
    for (const [name, write] of Object.entries(ALONE)) {
      await assertOutcome(db, name, write, "unknown");
    }
    for (const [name, write] of Object.entries(COMMITTED)) {
      await assertOutcome(
        db,
        name,
        write,
        isDeferred ? "unknown" : "not applied",
      );
    }
    await db.dropDb();
    await db.close();
  });
}
