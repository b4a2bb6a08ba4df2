// onQuery receives every statement, without secrets.
import type { ConnectOptions, QueryEvent } from "@alerce/db-plugins";
import { SQLConnection } from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { test } from "../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../support/engines.ts";

const SECRET = "hunter2-s3cret";

/** Opens a connection to the test server, with a schema of its own, and collects its query events. */
async function connected(
  options: ConnectOptions,
): Promise<SQLConnection<typeof SUITE_MODELS>> {
  const db = new SQLConnection({ models: SUITE_MODELS });
  await db.connect({ ...postgresSettings(), SCHEMA: freshSchema() }, options);
  return db;
}

test("events have the text, time and row count of a statement, and its values only with logValues", async () => {
  const events: QueryEvent[] = [];
  const db = await connected({
    onQuery: (event: QueryEvent) => events.push(event),
  });
  await db.createDb();
  events.length = 0;
  await db.query(Star).getOrCreate({ filterBy: { id: 1n }, name: SECRET });
  await assert.rejects(db.sql`select 1 / 0`);
  const [made, failed] = events;
  assert.equal(made?.rows, 1);
  assert.ok((made?.milliseconds ?? -1) >= 0);
  assert.ok(!Deno.inspect(events, { depth: 9 }).includes(SECRET));
  assert.match(failed?.error?.message ?? "", /division by zero/);
  await db.dropDb();
  await db.close();
  const withValues: QueryEvent[] = [];
  const open = await connected({
    onQuery: (event: QueryEvent) => withValues.push(event),
    logValues: true,
  });
  await open.sql`select ${"shown"} as word`;
  assert.deepEqual(withValues.at(-1)?.values, ["shown"]);
  await open.close();
});

test("a failing listener throws its own error, and the statement stays executed", async () => {
  const db = await connected({
    onQuery({ text }: QueryEvent) {
      if (text.includes("update")) throw new RangeError("the log is full");
    },
  });
  await db.createDb();
  await db.query(Star).bulkInsert([{ id: 1n, name: "a" }]);
  await assert.rejects(
    db.query(Star).updateAll({ filterBy: { id: 1n }, set: { mag: 1 } }),
    RangeError,
  );
  assert.equal((await db.query(Star).first())?.mag, 1);
  await db.dropDb();
  await db.close();
});
