// SQL of the caller leaves nothing in the session that the next caller gets.
import { SQLConnection } from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { sql } from "kysely";
import { test } from "../../support/connected.ts";
import {
  freshPglite,
  freshSchema,
  postgres15Settings,
  postgresSettings,
} from "../../support/engines.ts";

type Db = SQLConnection<typeof SUITE_MODELS>;

const SERVERS: Record<string, () => object | undefined> = {
  "PostgreSQL 18": postgresSettings,
  "PostgreSQL 15": postgres15Settings,
  PGlite: () => ({ ENGINE: "pglite" }),
};

let pglite: ReturnType<typeof freshPglite> | undefined;

/** Runs a test on each server, on one connection for all callers. */
function onServers(
  name: string,
  fn: (db: Db, insert: (id: number) => string) => Promise<void>,
  isScript = false,
): void {
  for (const [server, settingsOf] of Object.entries(SERVERS)) {
    if (isScript && server === "PGlite") continue;
    test(`${server}: ${name}`, async () => {
      const found = settingsOf();
      if (found === undefined) return;
      const SCHEMA = freshSchema();
      const isPglite = server === "PGlite";
      const client = isPglite ? await (pglite ??= freshPglite()) : undefined;
      const db = new SQLConnection({ models: SUITE_MODELS, client });
      const size = isPglite ? {} : { POOL_SIZE: 1 };
      await db.connect({ ...found, SCHEMA, ...size });
      await db.createDb();
      await fn(
        db,
        (id) =>
          `insert into "${SCHEMA}".star (id, name, status) values (${id}, '${id}', 'new')`,
      );
      await db.dropDb();
      await db.close();
    });
  }
}

const run = (db: Db, text: string) => sql.raw(text).execute(db.kysely);

const refused = (call: Promise<unknown>, message: RegExp) =>
  assert.rejects(call, { name: "QueryError", message });

const OUTSIDE = {
  "begin": /^Cannot run BEGIN as SQL: .*db\.transaction\(\).*Nothing was sent$/,
  "/* a /* b */ */ -- c\n ;BEGIN work;": /^Cannot run BEGIN as SQL/,
  "start transaction read only": /^Cannot run START as SQL/,
  "commit": /^Cannot run COMMIT as SQL: its connection has no transaction/,
  "end": /^Cannot run END as SQL/,
  "rollback": /^Cannot run ROLLBACK as SQL/,
  "abort": /^Cannot run ABORT as SQL/,
  "set role none": /^Cannot run SET as SQL: the setting would stay/,
  "set local work_mem = '1MB'": /^Cannot run SET as SQL/,
  "set search_path = pg_catalog": /^Cannot run SET as SQL/,
  "listen news": /^Cannot run LISTEN as SQL/,
  "select pg_try_advisory_lock(1)": /pg_advisory_xact_lock/,
  "do $$ begin perform pg_advisory_lock(1); end $$": /pg_advisory_xact_lock/,
  "copy star from stdin": /^Cannot run COPY … FROM STDIN as SQL: .*load\(\)/,
  "select 1; copy (select ';') to stdout (format csv)":
    /^Cannot run COPY … TO STDOUT as SQL: .*exportRows\(\)/,
  'select 1 as "a\0b"': /^Cannot run the SQL: it has a NUL/,
} as const;

onServers(
  "SQL that changes the session is refused before it is sent",
  async (db) => {
    for (const [text, message] of Object.entries(OUTSIDE)) {
      await refused(run(db, text), message);
    }
    await db.query(Star).bulkInsert([{ id: 1n, name: "one" }]);
    assert.equal(await db.query(Star).count(), 1);
  },
);

onServers("SQL that only names such commands is executed", async (db) => {
  for (
    const text of [
      "select 1 where 'pg_advisory_lock(1)' = ''",
      "select 1 /* pg_advisory_lock(1) */",
      'select 1 as "copy star from stdin"',
      "create function pg_temp.locks() returns void language plpgsql as $$ begin perform pg_advisory_lock(1); end $$",
      "create function pg_temp.two() returns int begin atomic select 1; select case when true then 2 end; end",
      "select 1 as a$b$, $é$;begin$é$ as c$b$",
    ]
  ) await run(db, text);
});

onServers("a routine with several statements is one statement", async (db) => {
  const broken = db.kysely.transaction().execute((tx) =>
    sql`create procedure p() begin atomic select 1; selec 2; end`.execute(tx)
  );
  await assert.rejects(broken, { code: "42601" });
});

const INSIDE = {
  "begin": /already open/,
  "commit": /^Cannot run COMMIT as SQL: a transaction ends with its function/,
  "commit and chain": /^Cannot run COMMIT as SQL/,
  "end": /^Cannot run END as SQL/,
  "rollback": /^Cannot run ROLLBACK as SQL/,
  "prepare transaction 'a'": /^Cannot run PREPARE as SQL/,
  "set search_path = pg_catalog": /Use SET LOCAL/,
  "listen news": /^Cannot run LISTEN as SQL/,
} as const;

onServers("SQL does not end the transaction that it runs in", async (db) => {
  const error = new Error("roll back");
  await assert.rejects(
    db.kysely.transaction().execute(async (tx) => {
      await tx.insertInto("star").values({ id: 1n, name: "one", status: "new" })
        .execute();
      for (const [text, message] of Object.entries(INSIDE)) {
        await refused(sql.raw(text).execute(tx), message);
      }
      await sql`savepoint a`.execute(tx);
      await tx.insertInto("star").values({ id: 2n, name: "two", status: "new" })
        .execute();
      await sql`rollback to savepoint a`.execute(tx);
      await sql`set local work_mem = '1MB'`.execute(tx);
      throw error;
    }),
    error,
  );
  assert.equal(await db.query(Star).count(), 0);
});

onServers(
  "a transaction that a script leaves open is rolled back",
  async (db, insert) => {
    const open = /^Cannot leave a transaction open: .* was rolled back/;
    await refused(run(db, `begin; ${insert(1)}`), open);
    await refused(
      run(db, `begin; ${insert(2)}; commit; begin; ${insert(3)}`),
      open,
    );
    await assert.rejects(run(db, `begin; ${insert(4)}; select 1/0`), {
      code: "22012",
    });
    await assert.rejects(
      run(db, `begin; ${insert(5)}; commit; select 1/0`),
      { code: "22012" },
    );
    await assert.rejects(
      run(db, `do $$ begin ${insert(6)}; commit; perform 1/0; end $$`),
      { code: "22012" },
    );
    await run(db, `begin; ${insert(7)}; commit`);
    await db.query(Star).bulkInsert([{ id: 8n, name: "eight" }]);
    assert.deepEqual(
      (await db.query(Star).findAll({ orderBy: { id: "asc" } })).map(({ id }) =>
        id
      ),
      [2n, 5n, 6n, 7n, 8n],
    );
  },
  true,
);

onServers(
  "a script that ends its transaction ends it for every later statement",
  async (db, insert) => {
    const ended = /^Cannot end a transaction by SQL/;
    const cases = [
      `${insert(1)}; commit`,
      "rollback; select 1",
      `commit and chain; ${insert(2)}`,
      `rollback; begin; ${insert(3)}`,
      "commit; select 1/0",
    ] as const;
    for (const text of cases) {
      await refused(
        db.kysely.transaction().execute(async (tx) => {
          await refused(sql.raw(text).execute(tx), ended);
          await assert.rejects(sql.raw(insert(9)).execute(tx), {
            name: "TransactionError",
          });
        }),
        ended,
      );
      await db.query(Star).deleteAll({ filterBy: { id: 1n } });
    }
    assert.equal(await db.query(Star).count(), 0);
  },
  true,
);

onServers("nothing stays in the session for the next caller", async (db) => {
  await run(db, "create temporary table kept (id int)");
  await assert.rejects(db.sql`select * from pg_temp.kept`);
  await run(db, "select set_config('work_mem', '77MB', false)");
  await run(db, "set work_mem = '78MB'; select 1");
  await run(db, "do $$ begin set work_mem = '79MB'; end $$");
  await db.kysely.transaction().execute((tx) =>
    sql`select set_config('work_mem', '76MB', false), pg_advisory_lock(77)`
      .execute(tx)
  );
  const [row] = await db.sql`select current_setting('work_mem') as memory, (
    select count(*)::int from pg_locks where locktype = 'advisory'
      and pid = pg_backend_pid()) as locks`;
  assert.doesNotMatch(String(row?.["memory"]), /^7/);
  assert.equal(row?.["locks"], 0);
}, true);

onServers("columns named like a command keep the connection", async (db) => {
  const pid = async () => {
    const [row] = await db.sql`select pg_backend_pid() as pid, 1 as load,
      2 as temp, 3 as prepare, 4 as set`;
    return row?.["pid"];
  };
  const first = await pid();
  assert.equal(await pid(), first);
  await run(db, "select 1 as id into temporary kept");
  await assert.rejects(db.sql`select * from pg_temp.kept`);
}, true);

onServers(
  "SQL without a value of its parameter keeps the connection",
  async (db, insert) => {
    const text = "select 1 as one where 'a' = $1";
    await assert.rejects(run(db, text), {
      name: "DatabaseError",
      code: "08P01",
    });
    await assert.rejects(
      db.kysely.transaction().execute(async (tx) => {
        await sql.raw(insert(1)).execute(tx);
        await sql.raw(text).execute(tx);
      }),
      { name: "DatabaseError", code: "08P01" },
    );
    assert.equal(await db.query(Star).count(), 0);
  },
);
