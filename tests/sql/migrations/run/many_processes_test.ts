// Many processes that apply the same files at the same time.
import assert from "node:assert/strict";
import { test } from "../../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../../support/engines.ts";
import { holding, one, opened, send } from "../../../support/migrating.ts";
import { migratingChild } from "../../../support/migrating_child.ts";
import { testFolder } from "../../../support/migrations_folder.ts";

const PROCESSES = 8;

const TEXT = `-- dbp:step
insert into log values (1);
-- dbp:step tx=none
create index concurrently thing_name on thing (name);
-- dbp:step
insert into log values (3);`;

test("one of many processes applies a file with CREATE INDEX CONCURRENTLY, and the others find nothing to do", async () => {
  const schema = freshSchema();
  await using db = await opened({ SCHEMA: schema });
  await send(
    db,
    `create schema ${schema}`,
    `create table ${schema}.log (step int)`,
    `create table ${schema}.thing (id int primary key, name text)`,
  );
  await using folder = await testFolder("sql");
  await folder.write({
    "20260930T141502_test.up.sql": TEXT,
    "20260930T141503_more.up.sql": "insert into log values (4);",
  });
  // The index build cannot end before all other processes wait for its session.
  const writer = await holding(
    db,
    `insert into ${schema}.thing values (1, 'a')`,
  );
  const children = Array.from({ length: PROCESSES }, () =>
    migratingChild({
      settings: { ...postgresSettings(), SCHEMA: schema },
      directory: folder.directory,
    }));
  await Promise.all(
    children.map((child) =>
      child.until(({ kind, step }) =>
        kind === "waiting" || (kind === "step" && step === 2)
      )
    ),
  );
  await writer.end();
  const ended = await Promise.all(children.map(({ ended }) => ended));
  assert.deepEqual(
    ended.map(({ code, err }) => [code, err]),
    children.map(() => [0, ""]),
  );
  const steps = children.map(({ events }) =>
    JSON.stringify(events.find(({ kind }) => kind === "end")?.steps)
  );
  assert.deepEqual(
    steps.toSorted(),
    ["[3,1]", ...Array.from({ length: PROCESSES - 1 }, () => "[]")],
  );
  assert.ok(
    children.every(({ events }) =>
      events.every(({ kind }) => kind !== "retry")
    ),
  );
  assert.deepEqual(
    await one(db, `select array_agg(step order by step) from ${schema}.log`),
    [1, 3, 4],
  );
  assert.equal(
    await one(
      db,
      `select indisvalid from pg_index where indexrelid = to_regclass('${schema}.thing_name')`,
    ),
    true,
  );
  assert.deepEqual(
    (await db.migrations().history()).map(({ state }) => state),
    ["applied", "applied"],
  );
  await send(db, `drop schema ${schema} cascade`);
});
