// The migration lock: who holds it, how others are informed, and how it is lost.
import { LockError, MigrationError, SQLConnection } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import pg from "pg";
import { test } from "../../../support/connected.ts";
import { lockKey } from "../../../../src/sql/schema/lock.ts";
import { pause } from "../../../../src/base/pause.ts";
import {
  clientConfig,
  freshPglite,
  freshSchema,
  postgresSettings,
} from "../../../support/engines.ts";
import {
  applied,
  beginning,
  collecting,
  lockOptions,
  type Migrated,
  one,
  onlyRecord,
  opened,
  send,
  until,
} from "../../../support/migrating.ts";
import { startProxy } from "../../../support/proxy.ts";

const LOCKED =
  "select pid from pg_locks where locktype = 'advisory' and classid = 1684172849 and objsubid = 2 and granted";

test("a waiting process reports the lock holder, and acquires the lock after its release", async () => {
  const SCHEMA = freshSchema();
  await using first = await opened({ SCHEMA });
  await using second = await opened({ SCHEMA });
  const session = await first.migrations().lock(lockOptions());
  const { events, onEvent } = collecting();
  const waiting = second.migrations().lock(lockOptions({ wait: 300, onEvent }));
  await assert.rejects(waiting, (error) => {
    assert.ok(error instanceof LockError, String(error));
    assert.match(error.message, /process \d+ \(dbp, user postgres, idle\)/);
    assert.match(error.holder ?? "", /^process \d+ /);
    return true;
  });
  assert.deepEqual(events.map(({ kind }) => kind), ["waiting"]);
  const patient = second.migrations().lock(
    lockOptions({ wait: 60_000, onEvent }),
  );
  await session.release();
  await session.release();
  await (await patient).release();
  assert.equal(events.at(-1)?.kind, "locked");
});

test("the locks of two schemas are independent", async () => {
  await using first = await opened();
  await using second = await opened();
  const session = await first.migrations().lock(lockOptions());
  await (await second.migrations().lock(lockOptions())).release();
  await session.release();
});

test("createDb and migrations exclude each other", async () => {
  const SCHEMA = freshSchema();
  await using first = await opened({ SCHEMA });
  await using second = await opened({ SCHEMA });
  const session = await first.migrations().lock(lockOptions());
  let created = false;
  const creating = second.createDb().then(() => created = true);
  await new Promise((resolve) => setTimeout(resolve, 400));

  assert.equal(created, false);
  await session.release();
  await creating;
});

test("a signal ends the wait, and leaves no lock and no session", async () => {
  const SCHEMA = freshSchema();
  await using first = await opened({ SCHEMA });
  const USER = freshSchema();
  await send(first, `create role ${USER} login password 'secret'`);
  await using second = await opened({ SCHEMA, USER, PASSWORD: "secret" });
  const session = await first.migrations().lock(lockOptions());
  const stop = new AbortController();
  const waiting = second.migrations().lock(
    lockOptions({
      wait: 600_000,
      signal: stop.signal,
      onEvent: () => stop.abort(new Error("enough")),
    }),
  );
  await assert.rejects(
    waiting,
    (error) =>
      error instanceof MigrationError &&
      /^Stopped while waiting/.test(error.message),
  );
  await until(
    first,
    `select count(*) = 0 from pg_stat_activity where usename = '${USER}' and query like '%advisory%'`,
  );
  await session.release();
  await (await first.migrations().lock(lockOptions({ wait: 60_000 })))
    .release();
});

/** A statement with an effect at its end, which shows that it was not stopped. */
const LATE =
  `do $$ begin perform pg_sleep(100); perform nextval('late'); end $$`;

test("a signal cancels the running statement, and the lock ends with the session", async () => {
  const SCHEMA = freshSchema();
  await using db = await opened({ SCHEMA });
  await using watcher = await opened({ SCHEMA });
  await send(db, `create schema ${SCHEMA}`, `create sequence ${SCHEMA}.late`);
  const stop = new AbortController();
  const text = `${LATE}; select '${SCHEMA}'`;
  const failed = assert.rejects(
    applied(db, text, { signal: stop.signal }),
    /The step was stopped/,
  );
  await until(
    watcher,
    `select true from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory' and l.objid = cast(cast(${
      lockKey(SCHEMA)[1]
    } as int4) as oid) and a.query like 'do %'`,
  );
  stop.abort();
  await failed;
  await (await watcher.migrations().lock(lockOptions({ wait: 60_000 })))
    .release();
  assert.equal((await onlyRecord(db))?.stepsDone, 0);
  assert.equal(await one(db, `select is_called from ${SCHEMA}.late`), false);
});

test("a signal that overtakes the statement cancels it too", async () => {
  const SCHEMA = freshSchema();
  await using watcher = await opened({ SCHEMA });
  await send(
    watcher,
    `create schema ${SCHEMA}`,
    `create sequence ${SCHEMA}.late`,
  );
  const stop = new AbortController();
  const proxy = startProxy(
    Number(postgresSettings().PORT),
    "pg_sleep",
    () => {
      stop.abort();
      return pause(1_000);
    },
  );
  try {
    await using db = await opened({ SCHEMA, PORT: proxy.port });
    await assert.rejects(
      applied(db, LATE, { signal: stop.signal }),
      /The step was stopped/,
    );
  } finally {
    proxy.close();
  }
  assert.equal(
    await one(watcher, `select is_called from ${SCHEMA}.late`),
    false,
  );
});

test("a run that lost the lock does not continue", async () => {
  await using db = await opened();
  const text = `-- dbp:step tx=none
select pg_advisory_unlock_all();
-- dbp:step
create table after_all (a int);`;
  await assert.rejects(
    applied(db, text),
    (error) =>
      error instanceof LockError &&
      /^Lost the migration lock/.test(error.message),
  );
  assert.equal((await onlyRecord(db))?.stepsDone, 1);
  assert.equal(
    await applied(db, "create table a (b int)", { id: "20270101T000000_b" }),
    1,
  );
});

test("a run that lost the lock in the last step does not record its end", async () => {
  await using db = await opened();
  const text = "-- dbp:step tx=none\nselect pg_advisory_unlock_all();";
  await assert.rejects(applied(db, text), LockError);
  const record = await onlyRecord(db);
  assert.deepEqual([record?.state, record?.stepsDone], ["running", 1]);
  assert.equal(await applied(db, text), 0, "only the record is missing");
  assert.equal((await onlyRecord(db))?.state, "applied");
});

test("after the session is lost, every call fails and the lock is free", async () => {
  const SCHEMA = freshSchema();
  await using db = await opened({ SCHEMA });
  await using watcher = await opened({ SCHEMA });
  const target = db.migrations();
  const session = await target.lock(lockOptions());
  const script = target.dialect.parse("create table t (a int);", "a.up.sql");
  await session.record(beginning("a", script));
  const pid = await one(
    watcher,
    `select pid from (${LOCKED}) l where exists (select from pg_stat_activity a where a.pid = l.pid and a.query like '%${SCHEMA}%')`,
  );
  await send(watcher, `select pg_terminate_backend(${pid})`);
  for (
    const use of [
      () => session.run("a", script, 0),
      () => session.record(beginning("a", script)),
      () => session.history(),
    ]
  ) await assert.rejects(use, LockError);
  await session.release();
  await (await watcher.migrations().lock(lockOptions({ wait: 60_000 })))
    .release();
});

test("a migration session leaves no setting on the connection, and leaves one in a pool of one", async () => {
  await using db = await opened({ POOL_SIZE: 1 });
  const before = await settingsOf(db);
  const session = await db.migrations().lock(lockOptions());
  assert.deepEqual(await settingsOf(db), before);
  await session.release();
  await applied(db, "create table t (a int)");
  assert.deepEqual(await settingsOf(db), before);
});

test("the fingerprint is the same inside and outside of a migration session, regardless of the client's settings", async () => {
  const client = new pg.Pool({
    ...clientConfig(),
    options: "-c timezone=America/Santiago -c datestyle=german",
  });
  const SCHEMA = freshSchema();
  await using db = new SQLConnection<readonly []>({ models: [], client });
  await db.connect({ SCHEMA });
  const target = db.migrations();
  const session = await target.lock(lockOptions());
  const script = target.dialect.parse(
    `create type kind as enum ('a');
create table other (id int primary key);
create table thing (id int references other, kind kind default 'a', day timestamptz default '2020-01-01', check (kind = 'a'));
create index thing_kind on thing (id) where kind = 'a' and day > '2020-01-01';`,
    "a.up.sql",
  );
  await session.record(beginning("a", script));
  await session.run("a", script, 0);
  assert.equal(await session.fingerprint(), await target.fingerprint());
  await session.release();
  await using plain = await opened({ SCHEMA });
  assert.equal(
    await plain.migrations().fingerprint(),
    await target.fingerprint(),
  );
  await client.end();
});

test("PGlite: one process migrates at a time; other statements keep their settings and do not wait forever", async () => {
  const client = await freshPglite();
  await using db = new SQLConnection<readonly []>({ models: [], client });
  await db.connect({ ENGINE: "pglite", SCHEMA: freshSchema() });
  await client.exec(
    "set timezone = 'America/Santiago'; set search_path = pg_catalog",
  );
  const before = await settingsOf(db);
  const target = db.migrations();
  const session = await target.lock(lockOptions());
  await assert.rejects(target.lock(lockOptions({ wait: 100 })), LockError);
  assert.deepEqual(await settingsOf(db), before);
  const script = target.dialect.parse(
    `create table zone as select current_setting('timezone') as zone;
-- dbp:step tx=none
create index concurrently ix_zone on zone (zone);
-- dbp:step
alter table nothing add column b int;`,
    "a.up.sql",
  );
  await session.record(beginning("a", script));
  const [ran, read] = await Promise.all([
    session.run("a", script, 0),
    settingsOf(db),
  ]);
  assert.equal(ran, undefined);
  assert.deepEqual(read, before);
  await session.run("a", script, 1);
  await assert.rejects(session.run("a", script, 2), /42P01/);
  assert.deepEqual(await settingsOf(db), before);
  let created = false;
  const creating = db.createDb().then(() => created = true);
  assert.deepEqual(await db.transaction(() => Promise.resolve(1)), 1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(created, false);
  await session.release();
  await creating;
  assert.equal((await onlyRecord(db))?.stepsDone, 2);
  await (await target.lock(lockOptions())).release();
});

async function settingsOf(db: Migrated): Promise<unknown> {
  return await one(
    db,
    "select array[current_setting('search_path'), current_setting('timezone'), current_setting('lock_timeout'), current_setting('statement_timeout')]",
  );
}
