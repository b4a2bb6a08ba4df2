// A process that is killed while it migrates a PGlite folder: the next run ends with the same result.
import { ConnectionError, SQLConnection } from "@alerce/db-plugins";
import { migrate } from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { dbp, settingsFile } from "../../../support/cli.ts";
import { test } from "../../../support/connected.ts";
import {
  type Migrated,
  one,
  onlyRecord,
  send,
} from "../../../support/migrating.ts";
import {
  type MigratingChild,
  migratingChild,
} from "../../../support/migrating_child.ts";
import {
  type TestFolder,
  testFolder,
} from "../../../support/migrations_folder.ts";
import { randomNumbers } from "../../../support/rounds.ts";

const STEPS: readonly string[] = [
  `insert into log values (1);
alter table thing add column rb real;`,
  `create index concurrently thing_name on thing (name);`,
  `update thing set rb = 0 where ctid in (select ctid from thing where rb is null limit 300);`,
  `insert into log values (4);
alter table thing add constraint thing_rb check (rb is not null) not valid;`,
  `insert into log values (5);
alter table thing validate constraint thing_rb;`,
  `drop index concurrently thing_old;`,
];
const KINDS = ["", " tx=none", " repeat", "", "", " tx=none"];
const FILE = STEPS.map((text, index) => `-- dbp:step${KINDS[index]}\n${text}\n`)
  .join("");

const random = randomNumbers();
/** Number of disk writes at which one test kills a process; `task nightly` sets more. */
const KILLS = Number(Deno.env.get("DBP_TEST_KILLS") ?? 1);
/** The last step before which a process is killed; the first three are one of each kind. */
const LAST_KILLED = KILLS > 1 ? STEPS.length : 3;

async function opened(folder: string): Promise<Migrated> {
  const db = new SQLConnection<readonly []>({ models: [] });
  await db.connect({ ENGINE: "pglite", DB_NAME: folder });
  return db;
}

/** Returns a folder with the tables that the file changes, to be copied. */
function prepared(): Promise<string> {
  return first ??= (async () => {
    const folder = await Deno.makeTempDir({ prefix: "dbp-pglite-" });
    await using db = await opened(folder);
    await send(
      db,
      "create table log (step int)",
      "create table thing (id int primary key, name text)",
      "insert into thing select n, n from generate_series(1, 1000) n",
      "create index thing_old on thing (name)",
    );
    return folder;
  })();
}

let first: Promise<string> | undefined;

/** Copies the prepared folder into another one. */
async function copied(folders: string): Promise<string> {
  const path = join(folders, crypto.randomUUID());
  await cp(await prepared(), path, { recursive: true });
  return path;
}

/** Writes the file to be applied. */
async function written(): Promise<TestFolder> {
  const files = await testFolder("sql");
  await files.write({ "20260930T141502_test.up.sql": FILE });
  return files;
}

/** Continues a run, and checks the result: every step was applied exactly once. */
async function finished(
  folder: string,
  directory: string,
  name: string,
  most: number = STEPS.length,
): Promise<void> {
  await using db = await opened(folder);
  const { applied } = await migrate(db, { directory });
  assert.ok(
    (applied[0]?.steps ?? 0) <= most,
    `${name}: completed steps do not run again`,
  );
  const expected: readonly (readonly [string, unknown])[] = [
    ["select array_agg(step order by step) from log", [1, 4, 5]],
    ["select count(*) from thing where rb = 0", 1000n],
    [
      "select array_agg(c.relname || ' ' || x.indisvalid order by c.relname) from pg_index x join pg_class c on c.oid = x.indexrelid where x.indrelid = cast('thing' as regclass)",
      ["thing_name true", "thing_pkey true"],
    ],
    [
      "select array_agg(conname || ' ' || convalidated) from pg_constraint where contype = 'c' and conrelid = cast('thing' as regclass)",
      ["thing_rb true"],
    ],
  ];
  for (const [query, value] of expected) {
    assert.deepEqual(await one(db, query), value, `${name}: ${query}`);
  }
  const record = await onlyRecord(db);
  assert.deepEqual(
    [record?.state, record?.stepsDone],
    ["applied", STEPS.length],
    name,
  );
}

/** Runs a test with a temporary folder. */
function inFolders(
  name: string,
  fn: (folders: string) => Promise<void>,
): void {
  test(name, async () => {
    const folders = await Deno.makeTempDir({ prefix: "dbp-pglite-" });
    try {
      await fn(folders);
    } finally {
      await Deno.remove(folders, { recursive: true });
    }
  });
}

/** Starts a process that migrates a folder. */
function child(
  DB_NAME: string,
  directory: string,
  more: { stopAt?: number; killAtWrite?: number } = {},
): MigratingChild {
  const settings = { ENGINE: "pglite", DB_NAME };
  return migratingChild({ settings, directory, ...more });
}

function writesAt(run: MigratingChild, kind: string): number {
  const writes = run.events.find((event) => event.kind === kind)?.writes;
  assert.ok(writes !== undefined && writes > 0, kind);
  return writes;
}

inFolders(
  "after a process is killed before any step in a PGlite folder, the next run continues; meanwhile other processes are refused",
  async (folders) => {
    await using files = await written();
    const { directory } = files;
    for (let step = 1; step <= LAST_KILLED; step++) {
      const folder = await copied(folders);
      const run = child(folder, directory, { stopAt: step });
      await run.until((event) => event.kind === "step" && event.step === step);
      if (step === 1) await refusedBeside(folder, run.pid);
      run.kill();
      await run.ended;
      const left = STEPS.length - step + 1;
      await finished(folder, directory, `step ${step}`, left);
    }
  },
);

async function refusedBeside(folder: string, pid: number): Promise<void> {
  const message = new RegExp(`process ${pid} has had it open since `);
  await assert.rejects(
    opened(folder),
    (error) => error instanceof ConnectionError && message.test(error.message),
  );
  await using file = await settingsFile({
    DB_CONFIG: { SQL: { ENGINE: "pglite", DB_NAME: folder } },
  });
  await Deno.mkdir(`${file.folder}/migrations/sql`, { recursive: true });
  for (const command of ["migrate", "status", "rollback"]) {
    const { code, err } = await dbp(command, "--settings_path", file.path);
    assert.equal(code, 1, err);
    assert.match(err, message);
  }
}

inFolders(
  "after a process is killed at any disk write of PGlite during a migration, the next run continues",
  async (folders) => {
    await using files = await written();
    const { directory } = files;
    const folder = await copied(folders);
    const whole = child(folder, directory);
    assert.deepEqual(await whole.ended, { code: 0, err: "" });
    await finished(folder, directory, "undisturbed", 0);
    const last = writesAt(whole, "end");
    // Counted from the opening of the folder.
    for (let kill = 0; kill < KILLS; kill++) {
      const killAtWrite = 1 + Math.floor((kill + random()) * last / KILLS);
      const folder = await copied(folders);
      const run = child(folder, directory, { killAtWrite });
      const { code } = await run.ended;
      if (code === 0) continue;
      await finished(folder, directory, `write ${killAtWrite} of ${last}`);
    }
  },
);

inFolders(
  "a PGlite folder whose creation was killed is created again",
  async (folders) => {
    await using files = await testFolder("sql");
    await files.write({
      "20260930T141502_test.up.sql": "create table t (a int);",
    });
    const { directory } = files;
    const whole = child(join(folders, "whole"), directory);
    assert.deepEqual(await whole.ended, { code: 0, err: "" });
    const last = writesAt(whole, "connected");
    // Around the write that makes PGlite treat the folder as complete.
    const places = Array.from(
      { length: KILLS },
      (_, kill) => last - 240 + Math.floor((kill + random()) * 50 / KILLS),
    );
    if (KILLS > 1) places.push(Math.floor(random() * last) + 1);
    for (const killAtWrite of places) {
      const folder = join(folders, crypto.randomUUID());
      const run = child(folder, directory, { killAtWrite });
      assert.notEqual((await run.ended).code, 0, `write ${killAtWrite}`);
      await using db = await opened(folder);
      const { applied } = await migrate(db, { directory });
      assert.equal(applied.length, 1, `write ${killAtWrite} of ${last}`);
    }
  },
);

inFolders(
  "a PGlite folder whose process was killed before it wrote its process file opens",
  async (folders) => {
    const folder = await copied(folders);
    await Deno.writeTextFile(join(folder, "postmaster.pid"), "");
    await using db = await opened(folder);
    assert.equal(await one(db, "select count(*) from thing"), 1000n);
  },
);

inFolders(
  "a damaged PGlite folder is reported and left unchanged",
  async (folders) => {
    const damages: readonly ((folder: string) => Promise<void>)[] = [
      (folder) => Deno.truncate(join(folder, "global/pg_control"), 100),
      (folder) => Deno.remove(join(folder, "pg_wal"), { recursive: true }),
      (folder) => Deno.remove(join(folder, "base"), { recursive: true }),
      (folder) => Deno.truncate(join(folder, "PG_VERSION"), 0),
    ];
    for (const damage of damages) {
      const folder = await copied(folders);
      await damage(folder);
      const names = async () =>
        (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name)
          .sort();
      const before = await names();
      await assert.rejects(opened(folder), (error) => {
        assert.ok(error instanceof ConnectionError, String(error));
        assert.match(
          error.message,
          /^Cannot open PGlite in .*: PostgreSQL does not start in it .*is not damaged; use a backup /,
        );
        return true;
      });
      const after = await names();
      assert.deepEqual(before.filter((name) => !after.includes(name)), []);
    }
  },
);
