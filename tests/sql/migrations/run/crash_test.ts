// Processes and sessions that are killed before or inside each step: the next run ends with the same result.
import { LockError } from "@alerce/db-plugins";
import { migrate } from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { test } from "../../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../../support/engines.ts";
import {
  everyServer,
  holding,
  type Migrated,
  one,
  onlyRecord,
  opened,
  send,
  until,
} from "../../../support/migrating.ts";
import { migratingChild } from "../../../support/migrating_child.ts";
import { folderOf } from "../../../support/migrations_folder.ts";
import { startProxy } from "../../../support/proxy.ts";
import { randomNumbers, ROUNDS } from "../../../support/rounds.ts";

/** A step, and a transaction that blocks it. */
interface Part {
  readonly text: string;
  readonly hold: string;
}

const PARTS: readonly Part[] = [
  {
    text: `-- dbp:step
insert into log values (1);
alter table thing add column rb real;`,
    hold: "select count(*) from thing",
  },
  {
    text: `-- dbp:step tx=none
create index concurrently thing_name on thing (name);`,
    hold: "update thing set name = 'x' where id = 1",
  },
  {
    text: `-- dbp:step repeat
update thing set rb = 0 where ctid in (select ctid from thing where rb is null limit 300);`,
    hold: "select from thing where id = 500 for update",
  },
  {
    text: `-- dbp:step
insert into log values (4);
alter table thing add constraint thing_rb check (rb is not null) not valid;`,
    hold: "select count(*) from thing",
  },
  {
    text: `-- dbp:step statement_timeout=1h
insert into log values (5);
alter table thing validate constraint thing_rb;`,
    hold: "lock table thing in share update exclusive mode",
  },
  {
    text: `-- dbp:step tx=none
alter table night detach partition night_1 concurrently;`,
    hold: "select count(*) from night",
  },
  {
    text: `-- dbp:step tx=none
drop index concurrently thing_old;`,
    hold: "select count(*) from thing",
  },
  {
    text: `-- dbp:step tx=none
reindex index concurrently thing_pkey;`,
    hold: "update thing set name = 'y' where id = 1",
  },
];
const FILES = {
  "20260930T141502_test.up.sql": PARTS.map(({ text }) => text).join("\n"),
};

/** Applies pending migrations. Returns the number of steps that ran. */
async function migrated(db: Migrated, directory: string): Promise<number> {
  const { applied } = await migrate(db, { directory });
  return applied[0]?.steps ?? 0;
}

/** Creates the tables that the file changes. */
async function prepared(
  server: object,
): Promise<Migrated & { schema: string }> {
  const schema = freshSchema();
  const db = await opened({ ...server, SCHEMA: schema });
  await send(
    db,
    `create schema ${schema}`,
    `create table ${schema}.log (step int)`,
    `create table ${schema}.thing (id int primary key, name text)`,
    `insert into ${schema}.thing select n, n from generate_series(1, 1000) n`,
    `create index thing_old on ${schema}.thing (name)`,
    `create table ${schema}.night (n int) partition by range (n)`,
    `create table ${schema}.night_1 partition of ${schema}.night for values from (0) to (9)`,
  );
  return Object.assign(db, { schema });
}

/** Checks the result: every step was applied exactly once. */
async function checkEnd(
  db: Migrated & { schema: string },
  name: string,
): Promise<void> {
  const { schema } = db;
  const expected: readonly (readonly [string, unknown])[] = [
    [`select array_agg(step order by step) from ${schema}.log`, [1, 4, 5]],
    [`select count(*) from ${schema}.thing where rb = 0`, 1000n],
    [
      `select array_agg(c.relname || ' ' || x.indisvalid order by c.relname) from pg_index x join pg_class c on c.oid = x.indexrelid where x.indrelid = cast('${schema}.thing' as regclass)`,
      ["thing_name true", "thing_pkey true"],
    ],
    [
      `select array_agg(conname || ' ' || convalidated) from pg_constraint where contype = 'c' and conrelid = cast('${schema}.thing' as regclass)`,
      ["thing_rb true"],
    ],
    [
      `select count(*) from pg_inherits where inhparent = cast('${schema}.night' as regclass)`,
      0n,
    ],
  ];
  for (const [query, value] of expected) {
    assert.deepEqual(await one(db, query), value, `${name}: ${query}`);
  }
  const record = await onlyRecord(db);
  assert.deepEqual(
    [record?.state, record?.stepsDone],
    ["applied", PARTS.length],
    name,
  );
}

/** Returns a query for the server process that holds the migration lock of a schema. */
function holderOf(schema: string): string {
  return `select held.pid from pg_locks held where locktype = 'advisory' and classid = 1684172849 and granted
    and objid = cast(cast(cast('x' || left(encode(sha256('${schema}.dbp_migrations'), 'hex'), 8) as bit(32)) as int4) as oid)`;
}

/** Kills a run before a step, or inside of it while another transaction blocks it. */
async function killed(
  server: object,
  part: Part,
  index: number,
  how: { readonly inside: boolean; readonly process: boolean },
): Promise<void> {
  const name = `step ${index + 1}, ${how.inside ? "inside" : "before"}, ${
    how.process ? "process" : "session"
  } killed`;
  await using db = await prepared(server);
  const { schema } = db;
  const settings = { ...server, SCHEMA: schema };
  await using folder = await folderOf(FILES, "sql");
  const { directory } = folder;
  const child = migratingChild({ settings, directory, stopAt: index + 1 });
  await child.until(({ kind, step }) => kind === "step" && step === index + 1);
  const hold = how.inside
    ? await holding(
      db,
      `set local search_path = ${schema}`,
      part.hold,
    )
    : undefined;
  try {
    if (hold !== undefined) {
      await child.goOn();
      await until(
        db,
        `select true from pg_stat_activity where wait_event_type = 'Lock' and pid in (${
          holderOf(schema)
        })`,
      );
    }
    if (how.process) child.kill();
    else {
      await one(
        db,
        `select pg_terminate_backend(pid) from (${holderOf(schema)}) as held`,
      );
      if (!how.inside) await child.goOn();
    }
    const { code, err } = await child.ended;
    assert.notEqual(code, 0, name);
    if (!how.process) {
      assert.match(err, /LockError: .*Lost the migration session/, name);
    }
  } finally {
    child.kill();
    await hold?.end();
  }
  assert.ok(
    await migrated(db, directory) <= PARTS.length - index,
    `${name}: completed steps do not run again`,
  );
  await checkEnd(db, name);
  await send(db, `drop schema ${schema} cascade`);
}

for (const [name, server] of everyServer()) {
  for (const process of [true, false]) {
    for (const inside of [false, true]) {
      // What the end of a session inside a step leaves depends on the version; between two steps it leaves nothing.
      const isByVersion = inside && !process;
      if (!isByVersion && name !== "PostgreSQL 18" && ROUNDS === 1) continue;
      // The first three steps are one of each kind.
      const parts = inside || ROUNDS > 1 ? PARTS : PARTS.slice(0, 3);
      test(
        `${name}: after a ${process ? "process" : "session"} is killed ${
          inside ? "inside" : "before"
        } any step, the next run continues and repeats nothing`,
        async () => {
          await inLanes(
            parts,
            (part, index) => killed(server, part, index, { inside, process }),
          );
        },
      );
    }
  }
}

test("a process that is killed repeatedly at random times ends with the same result", async () => {
  await using db = await prepared(postgresSettings());
  await using folder = await folderOf(FILES, "sql");
  const { directory } = folder;
  const settings = { ...postgresSettings(), SCHEMA: db.schema };
  const random = randomNumbers();
  for (let kills = 0; kills < 4 * Math.min(ROUNDS, 3); kills++) {
    const child = migratingChild({ settings, directory });
    await child.until(({ kind }) => kind === "migration" || kind === "end");
    await new Promise((resolve) => setTimeout(resolve, random() * 30));
    child.kill();
    await child.ended;
  }
  await migrated(db, directory);
  await checkEnd(db, "killed repeatedly");
});

test("an undisturbed run applies each step once", async () => {
  await using db = await prepared(postgresSettings());
  await using folder = await folderOf(FILES, "sql");
  assert.equal(await migrated(db, folder.directory), PARTS.length);
  assert.equal(await migrated(db, folder.directory), 0);
  await checkEnd(db, "undisturbed");
});

const CUTS: readonly (readonly [string, string])[] = [
  ["a commit", "commit\0"],
  [
    "a CREATE INDEX CONCURRENTLY",
    "create index concurrently thing_name on thing (name)\0",
  ],
  ["a DROP INDEX CONCURRENTLY", "drop index concurrently thing_old\0"],
  [
    "a DETACH PARTITION CONCURRENTLY",
    "alter table night detach partition night_1 concurrently\0",
  ],
];

for (const [name, word] of CUTS) {
  test(`${name} whose answer is lost does not run twice`, async () => {
    await using db = await prepared(postgresSettings());
    const { schema } = db;
    await using folder = await folderOf(FILES, "sql");
    const settings = postgresSettings();
    const proxy = startProxy(Number(settings.PORT), word);
    try {
      await using cut = await opened({ SCHEMA: schema, PORT: proxy.port });
      await assert.rejects(migrated(cut, folder.directory), LockError);
    } finally {
      proxy.close();
    }
    const index =
      `select cast(cast(to_regclass('${schema}.thing_name') as oid) as text)`;
    await until(db, `select not exists (${holderOf(schema)})`);
    const before = await one(db, index);
    await migrated(db, folder.directory);
    await checkEnd(db, name);
    if (before !== null) assert.equal(await one(db, index), before);
  });
}

/** Works on several items at once, because most of the time is spent waiting. */
async function inLanes<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const rest = [...items.entries()];
  const lane = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      await work(next[1], next[0]);
    }
  };
  await Promise.all([lane(), lane(), lane()]);
}
