// Steps leave nothing in a session that a later step, the history or another user of the session would find.
import { LockError, MigrationError, SQLConnection } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { test } from "../../../support/connected.ts";
import { freshPglite, freshSchema } from "../../../support/engines.ts";
import {
  applied,
  everyServer,
  type Migrated,
  one,
  onlyRecord,
  opened,
  send,
} from "../../../support/migrating.ts";

/** Every server, and the embedded one, whose session its owner shares. */
const PLACES: readonly (readonly [
  name: string,
  open: (schema: string) => Promise<Migrated>,
])[] = [
  ...everyServer().map(([name, settings]) =>
    [
      name,
      (SCHEMA: string) => opened({ ...settings, SCHEMA }),
    ] as const
  ),
  ["PGlite", async (SCHEMA) => {
    const client = await freshPglite();
    const db = new SQLConnection<readonly []>({ models: [], client });
    await db.connect({ ENGINE: "pglite", SCHEMA });
    return db;
  }],
];

/** Settings of a role, and the values that a step finds nevertheless. */
const MEANING:
  readonly (readonly [name: string, set: string, found: string])[] = [
    ["application_name", "theirs", "dbp"],
    ...Deno.build.os === "linux"
      ? [["client_connection_check_interval", "60000", "5000"]] as const
      : [],
    ["client_min_messages", "log", "warning"],
    ["DateStyle", "German, DMY", "ISO, MDY"],
    ["default_transaction_isolation", "serializable", "read committed"],
    ["default_transaction_read_only", "on", "off"],
    ["idle_in_transaction_session_timeout", "3600000", "0"],
    ["idle_session_timeout", "3600000", "0"],
    ["row_security", "on", "off"],
    ["standard_conforming_strings", "off", "on"],
    ["TimeZone", "America/Santiago", "UTC"],
    ["transaction_timeout", "3600000", "0"],
  ];

/** The session state that a step finds. The catalogs of a shared session do not show custom settings. */
const FOUND = `select current_user as who, session_user as login,
  current_setting('role') as role, current_setting('search_path') as path,
  current_setting('work_mem') as memory, current_setting('DateStyle') as style,
  (select count(*) from pg_class where relnamespace = pg_my_temp_schema()) as temporary,
  (select count(*) from pg_prepared_statements where from_sql) as prepared,
  (select count(*) from pg_listening_channels()) as channels,
  (select count(*) from pg_cursors where is_holdable) as cursors,
  (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks`;

/** A statement that changes its session. */
const dirt = (role: string, last: string): string =>
  `do $$ begin
  perform set_config('search_path', 'pg_catalog', false);
  perform set_config('work_mem', '1MB', false);
  perform set_config('DateStyle', 'German', false);
  perform set_config('my.own', 'left', false);
  create temp table if not exists left_over (a int);
  execute 'prepare left_over as select 1';
  execute 'listen left_over';
  perform pg_advisory_lock(7), pg_advisory_lock(7), pg_advisory_lock(7, -8);
  perform pg_advisory_lock_shared(9), pg_advisory_lock_shared(-7, 8);
  ${last} ${role};
end $$;`;

for (const [name, settings] of everyServer()) {
  test(`${name}: a file has the same meaning regardless of the role's settings`, async () => {
    const schema = freshSchema();
    await using admin = await opened({ ...settings, SCHEMA: schema });
    const known = String(
      await one(
        admin,
        "select string_agg(lower(name), ' ') from pg_settings",
      ),
    ).split(" ");
    const existing = MEANING.filter(([name]) =>
      known.includes(name.toLowerCase())
    );
    const role = `${schema}_owner`;
    await send(
      admin,
      `create role ${role} superuser login password 'secret'`,
      ...existing.map(([name, set]) =>
        `alter role ${role} set ${name} = '${set}'`
      ),
    );
    const own = { ...settings, SCHEMA: schema, USER: role, PASSWORD: "secret" };
    await using db = await opened(own);
    const found = `select jsonb_object_agg(name, setting) as found
from pg_settings where name in (${
      existing.map(([name]) => `'${name}'`).join(", ")
    })`;
    await applied(
      db,
      `create table found as select 1 as step, f.* from (${found}) f;
-- dbp:step
insert into found select 2, f.* from (${found}) f;
insert into found values (3, jsonb_build_object('text', 'a\\'));`,
    );
    const values = Object.fromEntries(
      existing.map(([name, _set, found]) => [name, found]),
    );
    assert.deepEqual(
      await one(
        admin,
        `select jsonb_agg(found order by step) from ${schema}.found`,
      ),
      [values, values, { text: "a\\" }],
    );
    await db.close();
    await send(admin, `drop owned by ${role}`, `drop role ${role}`);
  });
}

for (const [name, open] of PLACES) {
  test(`${name}: no step finds anything that another step left in the session`, async () => {
    const schema = freshSchema();
    await using db = await open(schema);
    const role = `${schema}_other`;
    await send(db, `create role ${role}`);
    const before = await one(db, `select to_jsonb(f) from (${FOUND}) f`);
    const ran = await applied(
      db,
      `create table found as select 0 as step, f.* from (${FOUND}) f;
-- dbp:step
declare left_over cursor with hold for select 1;
${dirt(role, "set role")}
-- dbp:step
insert into found select 1, f.* from (${FOUND}) f;
-- dbp:step tx=none
${dirt(role, "set session authorization")}
-- dbp:step
insert into found select 2, f.* from (${FOUND}) f;
-- dbp:step
set local role ${role};
select 1;
-- dbp:step repeat
insert into found select 3, f.* from (${FOUND}) f
where not exists (select from found where step = 3);
-- dbp:step
${dirt(role, "set role")}`,
    );
    assert.equal(ran, 8);
    assert.equal(
      await one(
        db,
        `select count(distinct to_jsonb(f) - 'step') from ${schema}.found f`,
      ),
      1n,
      String(await one(db, `select jsonb_agg(f) from ${schema}.found f`)),
    );
    assert.equal(await one(db, `select count(*) from ${schema}.found`), 4n);
    const record = await onlyRecord(db);
    assert.equal(record?.user, await one(db, "select current_user"));
    assert.equal(record?.state, "applied");
    // A shared session is restored for its owner.
    assert.deepEqual(
      await one(db, `select to_jsonb(f) from (${FOUND}) f`),
      before,
    );
    await send(db, `drop role ${role}`);
  });

  test(`${name}: a step that releases the migration lock is the last one`, async () => {
    const schema = freshSchema();
    await using db = await open(schema);
    const text = `create table first (a int);
-- dbp:step
do $$ begin perform pg_advisory_unlock_all(); end $$;
-- dbp:step
create table second (a int);`;
    await assert.rejects(applied(db, text), (error) => {
      assert.ok(error instanceof LockError, String(error));
      assert.match(
        error.message,
        /^Lost the migration lock .*pg_advisory_unlock_all/,
      );
      return true;
    });
    assert.equal((await onlyRecord(db))?.stepsDone, 2);
    assert.equal(
      await one(db, `select to_regclass('${schema}.second')`),
      null,
    );
    assert.equal(await applied(db, text), 1, "the next run continues there");
  });
}

test("a custom setting ends with its step", async () => {
  await using db = await opened();
  assert.equal(
    await applied(
      db,
      `do $$ begin perform set_config('my.own', 'left', false); end $$;
-- dbp:step
do $$ begin assert coalesce(current_setting('my.own', true), '') = ''; end $$;`,
    ),
    2,
  );
});

test("a foreign table with the name of the history is reported and left unchanged", async () => {
  const schema = freshSchema();
  await using db = await opened({ SCHEMA: schema });
  await send(
    db,
    `create schema ${schema}`,
    `create table ${schema}.dbp_migrations (id int, name text)`,
  );
  await assert.rejects(db.migrations().history(), (error) => {
    assert.ok(error instanceof MigrationError, String(error));
    assert.equal(error.exitCode, 4);
    assert.match(
      error.message,
      /dbp_migrations" belongs to something else, for it has no state, started_at, format\. Rename that table/,
    );
    return true;
  });
});
