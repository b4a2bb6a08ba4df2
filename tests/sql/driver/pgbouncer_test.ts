// Connections through a real PgBouncer: what works in each of its modes, and the errors for what does not.
import {
  ConnectionError,
  DatabaseError,
  LockError,
  SQLConnection,
  TimeoutError,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { lockKey } from "../../../src/sql/schema/lock.ts";
import { dbp, settingsFile } from "../../support/cli.ts";
import { connected, type Db, stars, test } from "../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../support/engines.ts";
import { applied, one, opened, send } from "../../support/migrating.ts";
import { migratingChild } from "../../support/migrating_child.ts";
import { testFolder } from "../../support/migrations_folder.ts";
import { pgbouncer, startPgBouncer } from "../../support/pgbouncer.ts";

/** Registers a test that is skipped if PgBouncer is not installed. */
function testBehindPgBouncer(
  name: string,
  settings: Readonly<Record<string, string | number>>,
  fn: (
    target: { readonly PORT: number; readonly SCHEMA: string },
  ) => Promise<void>,
): void {
  const program = pgbouncer;
  if (program === undefined) return Deno.test.ignore(name, () => {});
  test(name, async () => {
    await using pooler = await startPgBouncer(program, settings);
    await fn({ PORT: pooler.port, SCHEMA: freshSchema() });
  });
}

const FILE = `create table t (a int);
-- dbp:step tx=none
create index concurrently t_a on t (a);
-- dbp:step repeat
update t set a = 1 where a = 0;
`;
const SHARED: readonly (readonly [mode: string, size: number])[] = [
  ["transaction", 20],
  ["transaction", 1],
  ["statement", 20],
];

for (const [mode, size] of SHARED) {
  for (const PREPARE of [true, false]) {
    testBehindPgBouncer(
      `migrate rejects PgBouncer in ${mode} mode with ${size} sessions before it changes anything, PREPARE: ${PREPARE}`,
      { pool_mode: mode, default_pool_size: size },
      async (target) => {
        const zone = "select current_setting('timezone')";
        await using pooled = await opened({ ...target, PREPARE: false });
        const before = await one(pooled, zone);
        {
          await using refused = await opened({ ...target, PREPARE });
          await assert.rejects(applied(refused, FILE), (error) => {
            assert.ok(error instanceof LockError, String(error));
            assert.match(
              error.message,
              new RegExp(
                `^Cannot migrate PostgreSQL at 127.0.0.1:${target.PORT}, database postgres: the connection uses a pooler that shares sessions by ${mode} .* Connect to the server directly, or to the pooler in session mode$`,
              ),
            );
            return true;
          });
        }
        for (let sessions = 0; sessions < 3; sessions++) {
          assert.equal(await one(pooled, zone), before, "a setting is left");
        }
        await using direct = await opened({ SCHEMA: target.SCHEMA });
        assert.equal(
          await one(direct, `select to_regnamespace('${target.SCHEMA}')`),
          null,
        );
        assert.equal(
          await one(
            direct,
            `select count(*) from pg_locks where locktype = 'advisory' and objid = cast(cast('${
              lockKey(target.SCHEMA)[1]
            }' as int4) as oid)`,
          ),
          0n,
        );
      },
    );
  }
}

testBehindPgBouncer(
  "dbp migrate through PgBouncer in transaction mode exits with 3 and explains why",
  { pool_mode: "transaction" },
  async (target) => {
    await using file = await settingsFile({
      DB_CONFIG: { SQL: { ...postgresSettings(), ...target } },
    });
    const at = ["--settings_path", file.path];
    for (const command of ["initdb", "migrate"]) {
      await Deno.mkdir(`${file.folder}/migrations/sql`, { recursive: true });
      await Deno.writeTextFile(
        `${file.folder}/migrations/sql/20260930T141502_t.up.sql`,
        "create table t (a int);\n",
      );
      const { code, err } = await dbp(command, ...at);
      assert.equal(code, 3, err);
      assert.match(err, /a pooler that shares sessions by transaction/);
    }
  },
);

for (const reset of ["DISCARD ALL", ""]) {
  for (const PREPARE of [true, false]) {
    testBehindPgBouncer(
      `everything works in session mode, server_reset_query = '${reset}', PREPARE: ${PREPARE}`,
      {
        pool_mode: "session",
        default_pool_size: 40,
        server_reset_query: reset,
      },
      async (target) => {
        {
          await using db = await opened({ ...target, PREPARE });
          assert.equal(await applied(db, FILE), 3);
          assert.equal(await applied(db, FILE), 0);
        }
        // The next client of the session finds neither the lock nor settings of migrations.
        await using next = await opened({ ...target, PREPARE });
        assert.equal(
          await one(next, "select current_setting('lock_timeout')"),
          "0",
        );
        assert.equal(await applied(next, FILE), 0);
        await useAll(await connected({ ...target, PREPARE }));
      },
    );
  }
}

testBehindPgBouncer(
  "sessions that PgBouncer keeps have no settings of migrations, although it resets none",
  { pool_mode: "session", default_pool_size: 2, server_reset_query: "" },
  async (target) => {
    {
      await using db = await opened(target);
      await applied(db, FILE);
    }
    // Each client holds one of the two sessions while it is open.
    await using first = await opened({ ...target, POOL_SIZE: 1 });
    await using other = await opened({ ...target, POOL_SIZE: 1 });
    for (const db of [first, other]) {
      assert.equal(
        await one(
          db,
          "select current_setting('lock_timeout') || current_setting('row_security')",
        ),
        "0on",
      );
    }
  },
);

for (const reset of ["DISCARD ALL", ""]) {
  testBehindPgBouncer(
    reset === ""
      ? "without a server_reset_query the lock of a process that was killed stays with PgBouncer, and the next run names who has it"
      : "a process that is killed behind a PgBouncer in session mode leaves no lock there",
    { pool_mode: "session", server_reset_query: reset },
    async (target) => {
      await using folder = await testFolder("sql");
      await folder.write({ "20260930T141502_test.up.sql": FILE });
      const { directory } = folder;
      const settings = { ...postgresSettings(), ...target };
      const child = migratingChild({ settings, directory, stopAt: 2 });
      await child.until(({ kind, step }) => kind === "step" && step === 2);
      child.kill();
      await child.ended;
      await using db = await opened(target);
      const id = "20260930T141502_test";
      if (reset !== "") {
        assert.equal(await applied(db, FILE, { id, wait: 60_000 }), 2);
        return;
      }
      await assert.rejects(applied(db, FILE, { id, wait: 100 }), (error) => {
        assert.ok(error instanceof LockError, String(error));
        assert.match(
          error.message,
          /another process holds the migration lock: .*process \d+/,
        );
        return true;
      });
    },
  );
}

testBehindPgBouncer(
  "queries and transactions work in transaction mode with PREPARE: false",
  { pool_mode: "transaction", default_pool_size: 3 },
  async (target) =>
    await useAll(await connected({ ...target, PREPARE: false })),
);

testBehindPgBouncer(
  "a prepared statement of another client fails in transaction mode, and the error names PREPARE: false",
  { pool_mode: "transaction", default_pool_size: 1 },
  async (target) => {
    await using first = await connected(target);
    await using second = await bare(target);
    const ask = (db: Db) => db.query(Star).find({ filterBy: { id: 1n } });
    await ask(first);
    await assert.rejects(ask(second), (error) => {
      assert.ok(error instanceof DatabaseError, String(error));
      assert.match(
        error.message,
        /Behind a pooler in transaction mode, set PREPARE: false/,
      );
      return true;
    });
  },
);

testBehindPgBouncer(
  "statement mode rejects a transaction with an explanation",
  { pool_mode: "statement" },
  async (target) => {
    await using direct = await connected({ SCHEMA: target.SCHEMA });
    await using db = await bare({ ...target, PREPARE: false });
    await assert.rejects(
      db.transaction((tx) => tx.query(Star).find()),
      (error) => {
        assert.ok(error instanceof ConnectionError, String(error));
        assert.match(
          error.message,
          /^Cannot begin a transaction at .*: the connection pooler is in statement mode \(pool_mode = statement\)/,
        );
        return true;
      },
    );
    assert.equal(await direct.query(Star).count(), 0);
  },
);

testBehindPgBouncer(
  "the error for a rejected startup parameter names the setting that sends it",
  { pool_mode: "session" },
  async (target) => {
    const STATEMENT_TIMEOUT = 30_000;
    await assert.rejects(opened({ ...target, STATEMENT_TIMEOUT }), (error) => {
      assert.ok(error instanceof ConnectionError, String(error));
      assert.match(
        error.message,
        /^Cannot connect to PostgreSQL at .*: the connection pooler rejects the startup parameter statement_timeout, which comes from STATEMENT_TIMEOUT\. /,
      );
      return true;
    });
  },
);

testBehindPgBouncer(
  "a startup parameter that PgBouncer ignores causes no error",
  {
    pool_mode: "session",
    ignore_startup_parameters: "statement_timeout",
  },
  async (target) => {
    await using db = await opened({ ...target, STATEMENT_TIMEOUT: 30_000 });
    assert.equal(await applied(db, FILE), 3);
  },
);

testBehindPgBouncer(
  "the error in session mode with one session names default_pool_size",
  { pool_mode: "session", default_pool_size: 1, query_wait_timeout: 1 },
  async (target) => {
    await using db = await opened(target);
    await send(db, "select 1");
    await assert.rejects(applied(db, FILE), (error) => {
      assert.ok(error instanceof TimeoutError, String(error));
      assert.match(error.message, /default_pool_size/);
      return true;
    });
  },
);

/** Opens a connection with the models of the suite, without creating tables. */
async function bare(settings: object): Promise<Db> {
  const db = new SQLConnection({ models: SUITE_MODELS });
  await db.connect({ ...postgresSettings(), ...settings });
  return db;
}

/** Writes and reads in all ways, concurrently, and closes the connection. */
async function useAll(db: Db): Promise<void> {
  try {
    const rows = stars(3000);
    await db.query(Star).bulkInsert(rows);
    assert.equal(await db.query(Star).count(), rows.length);
    const found = await Promise.all(
      rows.slice(0, 100).map(({ id }) =>
        db.query(Star).findAll({ filterBy: { id } })
      ),
    );
    assert.deepEqual(
      found.flat().map(({ name }) => name),
      rows.slice(0, 100).map(({ name }) => name),
    );
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        db.transaction(async (tx) => {
          const id = BigInt(10_000 + index);
          await tx.query(Star).bulkInsert([{ id, name: `in ${index}` }]);
          const [star] = await tx.query(Star).findAll({ filterBy: { id } });
          assert.equal(star?.name, `in ${index}`);
        })),
    );
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.query(Star).bulkInsert([{ id: 20_000n, name: "out" }]);
        throw new Error("on purpose");
      }),
      /on purpose/,
    );
    assert.equal(await db.query(Star).count(), rows.length + 20);
    let streamed = 0;
    for await (const _ of db.query(Star).stream()) streamed++;
    assert.equal(streamed, rows.length + 20);
  } finally {
    await db.close();
  }
}
