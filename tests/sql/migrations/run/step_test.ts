// What a step leaves in a live database, and how it fails.
import { LockError, MigrationError, SQLConnection } from "@alerce/db-plugins";
import type { MigrationEvent } from "@alerce/db-plugins/engine";
import assert from "node:assert/strict";
import { test } from "../../../support/connected.ts";
import { freshPglite, freshSchema } from "../../../support/engines.ts";
import {
  applied,
  beginning,
  collecting,
  holding,
  lockOptions,
  type Migrated,
  one,
  onlyRecord,
  opened,
  send,
  until,
} from "../../../support/migrating.ts";

/** Creates a schema with a table of this many rows. */
async function withThings(
  count: number,
): Promise<Migrated & { schema: string }> {
  const schema = freshSchema();
  const db = await opened({ SCHEMA: schema });
  await send(
    db,
    `create schema ${schema}`,
    `create table ${schema}.thing (id int primary key, name text, rb real)`,
    `insert into ${schema}.thing select n, 'n' || n / 2 from generate_series(0, ${
      count - 1
    }) n`,
  );
  return Object.assign(db, { schema });
}

const INDEX = `-- dbp:step tx=none
create unique index concurrently thing_name on thing (name);`;

test("an INVALID index of an interrupted run is built again", async () => {
  await using db = await withThings(10);
  const index =
    `select indisvalid from pg_index where indexrelid = to_regclass('${db.schema}.thing_name')`;
  await assert.rejects(
    send(
      db,
      `create unique index concurrently thing_name on ${db.schema}.thing (name)`,
    ),
  );
  assert.equal(await one(db, index), false);
  await assert.rejects(applied(db, INDEX), (error) => {
    assert.ok(error instanceof MigrationError, String(error));
    assert.match(
      error.message,
      /^create unique index concurrently thing_name on thing \(name\): .* \(23505\)\. Several rows have the same name\. Find them with SELECT name, count/,
    );
    assert.doesNotMatch(error.message, /n[0-4]\b/);
    return true;
  });
  assert.equal(await one(db, index), undefined, "our own run leaves nothing");
  await send(db, `update ${db.schema}.thing set name = id`);
  assert.equal(await applied(db, INDEX), 1);
  assert.equal(await one(db, index), true);
});

test("an INVALID index of the same name on another table stays", async () => {
  await using db = await withThings(10);
  const { schema } = db;
  await send(
    db,
    `create table ${schema}.theirs as select name from ${schema}.thing`,
    `update ${schema}.thing set name = id`,
  );
  const theirs =
    `create unique index concurrently thing_name on ${schema}.theirs (name)`;
  await assert.rejects(send(db, theirs));
  await assert.rejects(
    applied(db, INDEX),
    /\(42P07\)\. The object already exists/,
  );
  assert.equal(
    await one(
      db,
      `select indexdef from pg_indexes where schemaname = '${schema}' and indexname = 'thing_name'`,
    ),
    `CREATE UNIQUE INDEX thing_name ON ${schema}.theirs USING btree (name)`,
  );
});

test("an existing valid index of the same name does not count as the result of the step", async () => {
  await using db = await withThings(10);
  await send(db, `create index thing_name on ${db.schema}.thing (rb)`);
  for (const _ of ["first", "second"]) {
    await assert.rejects(
      applied(db, INDEX),
      /42P07\)\. The object already exists/,
    );
  }
  assert.equal((await onlyRecord(db))?.stepsDone, 0);
});

test("a missing index is a failure even if the server reports success", async () => {
  await using db = await withThings(10);
  await send(db, `create sequence ${db.schema}.thing_name`);
  const text = `-- dbp:step tx=none
create index concurrently if not exists thing_name on thing (name);`;
  await assert.rejects(
    applied(db, text),
    /The index thing_name does not exist after CREATE INDEX CONCURRENTLY/,
  );
  assert.equal((await onlyRecord(db))?.stepsDone, 0);
  await send(db, `drop sequence ${db.schema}.thing_name`);
  assert.equal(await applied(db, text), 1);
});

test("a statement never finds a table of another schema", async () => {
  await using db = await opened();
  const table = `public."${freshSchema()}"`;
  await send(db, `create table ${table} (a int)`);
  await assert.rejects(
    applied(
      db,
      `alter table ${table.slice("public.".length)} add column b int`,
    ),
    /42P01\)\. Migrations search for names in the schema of the connection/,
  );
  await send(db, `drop table ${table}`);
});

const FAILURES: readonly (readonly [string, string, RegExp])[] = [
  [
    "existing rows that break a constraint",
    "alter table thing add constraint few check (id < 5)",
    /few.* \(23514\)\. Existing rows violate the constraint few/,
  ],
  [
    "existing rows without a value",
    "alter table thing alter column rb set not null",
    /\(23502\)\. Existing rows have no rb: .* UPDATE thing SET rb/,
  ],
  [
    "existing rows with a missing reference",
    "alter table thing add foreign key (id) references other (id)",
    /\(23503\)\. Existing rows refer to missing rows/,
  ],
  [
    "a missing schema",
    "create table sky.thing (id int)",
    /\(3F000\)\. Create the schema, and what the statement uses in it/,
  ],
  [
    "a statement timeout",
    "select pg_sleep(100)",
    /\(57014\)\. If the statement timed out/,
  ],
  [
    "an enum value that is used too early",
    "alter type kind add value 'b' after 'a'; select cast('b' as kind)",
    /\(55P04\)\. A new enum value/,
  ],
  [
    "a column that a view uses",
    "create view bright as select rb from thing; create view brighter as select rb from bright; alter table thing drop column rb",
    /\(2BP01\)\. These objects depend on it: view bright, view brighter\. Drop or change them in a step before this one/,
  ],
  [
    "a secret in a statement",
    "select E'\\'hunter2', cast($x$hunter2$x$ as text), nothing",
    /^select '…', cast\('…' as text\), nothing: .*\(42703\)/,
  ],
];

test("a failed step is explained, leaves nothing, and is continued by the next run", async () => {
  for (const [name, statement, message] of FAILURES) {
    await using db = await withThings(10);
    await send(
      db,
      `create table ${db.schema}.other (id int primary key)`,
      `create type ${db.schema}.kind as enum ('a')`,
    );
    const file = (last: string) =>
      `create table first (a int);
-- dbp:step statement_timeout=${last.includes("pg_sleep") ? "1s" : "1m"}
create table second (a int);
${last};`;
    await assert.rejects(applied(db, file(statement)), (error) => {
      assert.ok(error instanceof MigrationError, `${name}: ${error}`);
      assert.match(error.message, message, name);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
    assert.equal(
      await one(db, `select to_regclass('${db.schema}.second')`),
      null,
      name,
    );
    assert.equal((await onlyRecord(db))?.stepsDone, 1, name);
    assert.equal(await applied(db, file("select 1")), 1, name);
  }
});

test("a step has its own limits, or the default limits of its kind", async () => {
  await using db = await opened();
  const limits = (lock: string, statement: string): string =>
    `do $$ begin
  assert current_setting('lock_timeout') = '${lock}', current_setting('lock_timeout');
  assert current_setting('statement_timeout') = '${statement}', current_setting('statement_timeout');
end $$;`;
  assert.equal(
    await applied(
      db,
      `-- dbp:step
${limits("2s", "30s")}
-- dbp:step tx=none
${limits("0", "2h")}
-- dbp:step lock_timeout=1s statement_timeout=1h
${limits("1s", "1h")}
-- dbp:step tx=none lock_timeout=5s statement_timeout=90s
${limits("5s", "90s")}`,
    ),
    4,
  );
});

test("a repeated step fills a table in batches and reports its progress", async () => {
  await using db = await withThings(250);
  const { events, onEvent } = collecting();
  await applied(
    db,
    `-- dbp:step repeat
update thing set rb = 0 where ctid in (select ctid from thing where rb is null limit 100);`,
    { onEvent },
  );
  assert.deepEqual(
    events.flatMap((event) => event.kind === "progress" ? [event.rows] : []),
    [100, 200, 250],
  );
  assert.equal(
    await one(db, `select count(*) from ${db.schema}.thing where rb = 0`),
    250n,
  );
});

test("PGlite: a signal is handled between two batches of a repeated step", async () => {
  const client = await freshPglite();
  await using db = new SQLConnection<readonly []>({ models: [], client });
  await db.connect({ ENGINE: "pglite", SCHEMA: freshSchema() });
  const stop = new AbortController();
  const timers: ReturnType<typeof setTimeout>[] = [];
  const onEvent = (event: MigrationEvent): void => {
    if (event.kind !== "progress") return;
    timers.push(setTimeout(() => stop.abort()));
  };
  const text =
    `create table thing as select n, 0 as rb from generate_series(1, 4) n;
-- dbp:step repeat
update thing set rb = 1 where n in (select n from thing where rb = 0 limit 1);`;
  await assert.rejects(applied(db, text, { onEvent, signal: stop.signal }));
  timers.forEach(clearTimeout);
  assert.equal((await onlyRecord(db))?.stepsDone, 1);
  assert.equal(await applied(db, text), 1);
});

test("a blocked step lets other sessions proceed, reports who blocks it, and succeeds in the end", async () => {
  await using db = await withThings(10);
  await using holder = await opened({ SCHEMA: db.schema });
  const long = await holding(holder, `select count(*) from ${db.schema}.thing`);
  const { events, onEvent } = collecting();
  const running = applied(
    db,
    "-- dbp:step lock_timeout=500ms\nalter table thing add column c int;",
    { onEvent },
  );
  let over = false;
  running.finally(() => over = true).catch(() => {});
  const count = (kind: string) =>
    events.filter((event) => event.kind === kind).length;
  let gaveUp = false;
  const giveUp = setTimeout(() => {
    gaveUp = true;
    long.end();
  }, 60_000);
  // Other sessions queue behind the step, and proceed when its lock timeout ends: nobody waits for the holder's transaction.
  const loop = async (statement: string): Promise<void> => {
    while (count("retry") < 3 && !over) await send(holder, statement);
  };
  await Promise.all([
    loop(`select count(*) from ${db.schema}.thing`),
    loop(`update ${db.schema}.thing set rb = 1 where id = 1`),
  ]);
  assert.ok(count("blocked") > 0);
  const [blocked] = events.filter((event) => event.kind === "blocked");
  assert.match(
    blocked?.by ?? "",
    /^process \d+ \(dbp, user postgres, idle in transaction\): select count\(\*\) from /,
  );
  clearTimeout(giveUp);
  assert.ok(!gaveUp);
  await long.end();
  assert.equal(await running, 1);
});

test("a step is retried after a deadlock", async () => {
  await using db = await withThings(10);
  await using holder = await opened({ SCHEMA: db.schema });
  await send(db, `create sequence ${db.schema}.tries`);
  const { events, onEvent } = collecting();
  let running: Promise<number> | undefined;
  await holder.kysely.transaction().execute(async (tx) => {
    const inside = { kysely: tx };
    await send(inside, `update ${db.schema}.thing set rb = 2 where id = 2`);
    running = applied(
      db,
      `-- dbp:step lock_timeout=0
update thing set rb = 1 where id = 1;
do $$ begin
  -- The first time, the holder waits before this step does, so that this step finds the deadlock.
  if nextval('tries') = 1 then
    while not exists (
      select from pg_locks where not granted and transactionid = cast(pg_current_xact_id() as xid)
    ) loop perform pg_sleep(0.01); end loop;
  end if;
end $$;
select set_config('deadlock_timeout', '10ms', true);
update thing set rb = 1 where id = 2;`,
      { onEvent },
    );
    running.catch(() => {});
    await until(holder, `select is_called from ${db.schema}.tries`);
    await send(inside, "set local deadlock_timeout = '60s'");
    await send(inside, `update ${db.schema}.thing set rb = 2 where id = 1`);
  });
  assert.equal(await running, 1);
  assert.ok(events.some(({ kind }) => kind === "retry"));
  assert.deepEqual(
    await one(
      db,
      `select array_agg(rb order by id) from ${db.schema}.thing where id in (1, 2)`,
    ),
    [1, 1],
  );
});

test("a step is retried after every SQLSTATE of a conflict", async () => {
  for (const code of ["55P03", "40P01", "40001"]) {
    await using db = await withThings(1);
    await send(db, `create sequence ${db.schema}.tries`);
    const { events, onEvent } = collecting();
    const text = `do $$ begin
  if nextval('tries') = 1 then
    raise exception 'in the way' using errcode = '${code}';
  end if;
end $$;`;
    assert.equal(await applied(db, text, { onEvent }), 1, code);
    assert.deepEqual(
      events.flatMap((event) => event.kind === "retry" ? [event.attempt] : []),
      [1],
    );
  }
});

test("an index that another process builds is left alone", async () => {
  await using db = await withThings(2);
  await using builder = await opened({ SCHEMA: db.schema });
  const long = await holding(
    builder,
    `update ${db.schema}.thing set rb = 1 where id = 1`,
  );
  const building = send(
    builder,
    `create index concurrently thing_name on ${db.schema}.thing (name)`,
  );
  building.catch(() => {});
  const index =
    `select indisvalid from pg_index where indexrelid = to_regclass('${db.schema}.thing_name')`;
  await until(db, `select exists (${index})`);
  const mine = applied(db, INDEX);
  mine.catch(() => {});
  const giveUp = setTimeout(() => long.end(), 60_000);
  await assert.rejects(
    mine,
    /Cannot build the index thing_name: process \d+ .* is building it/,
  );
  clearTimeout(giveUp);
  assert.equal(await one(db, index), false);
  await long.end();
  await building;
  assert.equal(await one(db, index), true);
});

test("a step that is not the next one is refused and does nothing", async () => {
  await using db = await withThings(1);
  const target = db.migrations();
  const session = await target.lock(lockOptions());
  const script = target.dialect.parse(
    "-- dbp:step\ncreate table a (b int);\n-- dbp:step\ncreate table c (d int);",
    "a.up.sql",
  );
  await session.record(beginning("a", script));
  await assert.rejects(
    session.run("a", script, 1),
    /the history records 0 steps/,
  );
  await session.run("a", script, 0);
  await assert.rejects(
    session.run("a", script, 0),
    /the history records 1 steps/,
  );
  await session.release();
  assert.equal(await one(db, `select to_regclass('${db.schema}.c')`), null);
});

test("if a role lacks privileges on the history, the error names the missing GRANT", async () => {
  await using db = await withThings(1);
  await applied(db, "select 1");
  const user = freshSchema();
  const history = `"${db.schema}"."dbp_migrations"`;
  await send(
    db,
    `create role ${user} login password 'secret'`,
    `grant usage on schema ${db.schema} to ${user}`,
  );
  await using guest = await opened({
    SCHEMA: db.schema,
    USER: user,
    PASSWORD: "secret",
  });
  const denied =
    (access: string, privileges: string) => (error: unknown): boolean => {
      assert.ok(error instanceof MigrationError, String(error));
      assert.equal(
        error.message,
        `Cannot ${access} the history dbp_migrations in schema ${db.schema}: user ${user} needs ${privileges}. The table owner can run: GRANT ${privileges} ON ${history} TO "${user}"`,
      );
      return true;
    };
  await assert.rejects(guest.migrations().history(), denied("read", "SELECT"));
  await send(db, `grant select on ${history} to ${user}`);
  assert.equal((await guest.migrations().history()).length, 1);
  await assert.rejects(
    applied(guest, "select 2", { id: "20260930T141503_more" }),
    denied("write", "SELECT, INSERT, UPDATE"),
  );
});

test("if a role may not create objects or does not own a table, the error says who can help", async () => {
  await using db = await withThings(1);
  const user = freshSchema();
  await send(
    db,
    `create role ${user} login password 'secret'`,
    `grant usage on schema ${db.schema} to ${user}`,
  );
  await using guest = await opened({
    SCHEMA: db.schema,
    USER: user,
    PASSWORD: "secret",
  });
  const text = "alter table thing add column c int";
  await assert.rejects(applied(guest, text), (error) => {
    assert.ok(error instanceof MigrationError, String(error));
    assert.match(
      error.message,
      /^Cannot create the history dbp_migrations in schema/,
    );
    assert.ok(
      error.message.includes(
        `GRANT USAGE, CREATE ON SCHEMA "${db.schema}" TO "${user}"`,
      ),
    );
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
  await send(db, `grant create on schema ${db.schema} to ${user}`);
  await assert.rejects(
    applied(guest, text),
    new RegExp(
      String
        .raw`\(42501\)\. The role ${user} lacks .* on table ${db.schema}\.thing, and only its owner, postgres, can change or drop it.*Run migrations as the owner`,
    ),
  );
  await send(db, `alter table ${db.schema}.thing owner to ${user}`);
  // An existing history needs no privilege to create objects.
  await send(db, `revoke create on schema ${db.schema} from ${user}`);
  assert.equal(await applied(guest, text), 1);
});

test("if a role may not upgrade an older history, the error names the statement for its owner", async () => {
  await using db = await withThings(1);
  await applied(db, "select 1");
  const user = `guest_${db.schema.slice(-8)}`;
  await send(
    db,
    `create role ${user} login password 'secret'`,
    `grant usage on schema ${db.schema} to ${user}`,
    `grant all on ${db.schema}.dbp_migrations to ${user}`,
    `alter table ${db.schema}.dbp_migrations drop column former`,
  );
  await using guest = await opened({
    SCHEMA: db.schema,
    USER: user,
    PASSWORD: "secret",
  });
  const id = "20260930T150000_more";
  let advice = "";
  await assert.rejects(applied(guest, "select 2", { id }), (error) => {
    assert.ok(error instanceof MigrationError, String(error));
    advice =
      /The table owner can run: (ALTER TABLE .*)$/.exec(error.message)?.[1] ??
        "";
    return true;
  });
  assert.equal((await db.migrations().history()).length, 1);
  await send(db, advice);
  assert.equal(await applied(guest, "select 2", { id }), 1);
});

test("a statement with an unknown result does not run again before a person checked it", async () => {
  await using db = await withThings(1);
  const text = `-- dbp:step tx=none
do $$ begin
  insert into thing values (7);
  commit;
  perform pg_terminate_backend(pg_backend_pid());
end $$;
-- dbp:step
alter table thing add column mag real;`;
  await assert.rejects(applied(db, text), LockError);
  let answer = "";
  for (const _ of ["first", "second"]) {
    await assert.rejects(applied(db, text), (error) => {
      assert.ok(error instanceof MigrationError, String(error));
      assert.equal(error.exitCode, 7);
      answer = /if it was, (UPDATE .*)\.$/.exec(error.message)?.[1] ?? "";
      return true;
    });
  }
  await send(db, answer);
  assert.equal(await applied(db, text), 1);
  assert.equal(await one(db, `select count(mag) from ${db.schema}.thing`), 0n);
});

test("a failed statement without a transaction runs again", async () => {
  await using db = await withThings(1);
  const text = `-- dbp:step tx=none
do $$ begin
  if (select count(*) from thing) = 1 then raise exception 'one thing'; end if;
end $$;`;
  for (const _ of ["first", "second"]) {
    await assert.rejects(applied(db, text), /one thing/);
  }
  await send(db, `insert into ${db.schema}.thing values (7)`);
  assert.equal(await applied(db, text), 1);
});
