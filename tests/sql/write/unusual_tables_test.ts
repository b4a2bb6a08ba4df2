// Writes to tables that ON CONFLICT, COPY, or xmax do not know: partitions by
// range, views, deferrable keys, and triggers that discard or change rows.
import {
  DatabaseError,
  defineModel,
  DiscardedRowError,
  DuplicateKeyError,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { postgresSettings } from "../../support/engines.ts";
import { ON_SERVERS, testTables } from "../../support/made_tables.ts";

const Star = defineModel("star", {
  fields: z.object({
    id: z.int32(),
    name: z.string().nullable(),
    mag: z.float64().nullable(),
  }),
  primaryKey: ["id"],
  unique: [["name"]],
});
const COLUMNS = "id int, name varchar, mag float8";

/** How each table is made; every write must have the same result on all. */
const TABLES: Record<string, readonly string[]> = {
  "a plain table": [
    `create table star (${COLUMNS}, primary key (id), unique (name))`,
  ],
  "a table partitioned by range": [
    `create table star (${COLUMNS}, primary key (id)) partition by range (id)`,
    "create table star_1 partition of star for values from (0) to (3)",
    "create table star_2 partition of star for values from (3) to (1000)",
  ],
  "a table partitioned by list": [
    `create table star (${COLUMNS}, primary key (id)) partition by list (id)`,
    "create table star_1 partition of star for values in (1, 2)",
    "create table star_2 partition of star default",
  ],
  "a view": [
    `create table base (${COLUMNS}, primary key (id), unique (name))`,
    "create view star as select id, name, mag from base",
  ],
  "a view with triggers": [
    `create table base (${COLUMNS}, primary key (id), unique (name))`,
    "create view star as select id, name, mag, 1 as one from base",
    `create function keep() returns trigger language plpgsql set search_path from current as $$ begin
      if tg_op = 'INSERT' then insert into base values (new.id, new.name, new.mag); return new;
      elsif tg_op = 'UPDATE' then update base set name = new.name, mag = new.mag where id = old.id; return new;
      else delete from base where id = old.id; return old; end if; end $$`,
    "create trigger keep instead of insert or update or delete on star for each row execute function keep()",
  ],
  "a table with deferrable keys": [
    `create table star (${COLUMNS}, primary key (id) deferrable initially deferred, unique (name) deferrable)`,
  ],
  "a foreign table": [
    `create table base (${COLUMNS}, primary key (id), unique (name))`,
    "create extension postgres_fdw",
    `do $$ begin
      execute format('create server here foreign data wrapper postgres_fdw options (host %L, port %L, dbname %L)', '127.0.0.1', current_setting('port'), current_database());
      execute format('create user mapping for current_user server here options (user %L, password %L)', current_user, '${postgresSettings().PASSWORD}');
      execute format('create foreign table star (${COLUMNS}) server here options (schema_name %L, table_name %L)', current_schema(), 'base');
    end $$`,
  ],
};

for (const [name, statements] of Object.entries(TABLES)) {
  testTables(
    `each write has its usual result on ${name}`,
    [Star],
    statements,
    async ({ db, run }) => {
      const stars = db.query(Star);
      const rows = async () =>
        (await run("select id, name, mag from star order by id"))
          .map(({ id, name, mag }) => [id, name, mag]);
      assert.deepEqual(
        await stars.bulkInsert([
          { id: 1, name: "a", mag: 1 },
          { id: 1, name: "b", mag: 2 },
          { id: 5, name: "e" },
        ]),
        { inserted: 2, ignored: 1 },
      );
      assert.deepEqual(
        await stars.bulkInsert([{ id: 1, name: "x" }, { id: 2, name: "b" }]),
        { inserted: 1, ignored: 1 },
      );
      await assert.rejects(
        stars.bulkInsert([{ id: 1, name: "y" }], { onConflict: "error" }),
        DuplicateKeyError,
      );
      assert.deepEqual(
        await stars.bulkUpsert([
          { id: 1, mag: 5 },
          { id: 1, mag: 6 },
          { id: 2, name: "b", mag: null },
          { id: 7, name: "g", mag: 7 },
        ]),
        { inserted: 1, updated: 1, unchanged: 2 },
      );
      assert.deepEqual(await rows(), [
        [1, "a", 6],
        [2, "b", null],
        [5, "e", null],
        [7, "g", 7],
      ]);
      const [row, created] = await stars.getOrCreate({
        filterBy: { id: 7 },
        name: "other",
      });
      assert.deepEqual([row.name, created], ["g", false]);
      const made = await stars.getOrCreate({ filterBy: { id: 8 }, name: "h" });
      assert.deepEqual([made[0].name, made[1]], ["h", true]);
      assert.equal((await stars.insert({ id: 9, name: "i" })).name, "i");
      await db.transaction(async (tx) => {
        await tx.query(Star).getOrCreate({ filterBy: { id: 9 } });
        await tx.query(Star).getOrCreate({ filterBy: { id: 10 } });
        await tx.query(Star).bulkUpsert([{ id: 10, mag: 10 }]);
      });
      assert.deepEqual(
        await stars.bulkUpdate([{ id: 10, mag: 11 }, { id: 99, mag: 1 }]),
        { updated: 1, missing: 1 },
      );
      assert.equal(await stars.deleteAll({ filterBy: { id: [9, 10] } }), 2);
      assert.equal(await stars.count(), 5);
    },
    name === "a foreign table" ? ["postgresql"] : undefined,
  );
}

testTables(
  "concurrent writes by a deferrable key all end",
  [Star],
  TABLES["a table with deferrable keys"] ?? [],
  async ({ db }) => {
    const ids = Array.from({ length: 20 }, (_, id) => ({ id, mag: id }));
    const results = await Promise.all([
      ...ids.map(({ id }) => db.query(Star).getOrCreate({ filterBy: { id } })),
      ...ids.map(({ id }) => db.query(Star).getOrCreate({ filterBy: { id } })),
    ]);
    assert.equal(results.filter(([, created]) => created).length, 20);
    await Promise.all([1, 2, 3].map(() => db.query(Star).bulkUpsert(ids)));
    assert.equal(await db.query(Star).count(), 20);
  },
  ON_SERVERS,
);

testTables(
  "a row that a trigger discards is an error of getOrCreate and insert, and is counted",
  [Star],
  [
    ...TABLES["a plain table"] ?? [],
    `create function skip() returns trigger language plpgsql as 'begin
      if new.mag < 0 then return null; end if; new.name := lower(new.name); return new; end'`,
    "create trigger skip before insert or update on star for each row execute function skip()",
  ],
  async ({ db, run }) => {
    const stars = db.query(Star);
    for (
      const write of [
        () => stars.getOrCreate({ filterBy: { id: 1 }, mag: -1 }),
        () => stars.insert({ id: 1, mag: -1 }),
      ]
    ) {
      await assert.rejects(write, (error) => {
        assert.ok(error instanceof DiscardedRowError);
        assert.ok(error instanceof DatabaseError);
        assert.match(error.message, /star/);
        return true;
      });
    }
    const rows = [{ id: 1, mag: -1 }, { id: 2, mag: 2 }];
    for (const onConflict of ["ignore", "error"] as const) {
      assert.deepEqual(await stars.bulkInsert(rows, { onConflict }), {
        inserted: 1,
        ignored: 1,
      });
      await stars.deleteAll({ filterBy: {}, all: true });
    }
    assert.deepEqual(await stars.bulkUpsert(rows), {
      inserted: 1,
      updated: 0,
      unchanged: 1,
    });
    assert.equal(
      await stars.updateAll({ filterBy: { id: 2 }, set: { mag: -2 } }),
      0,
    );
    assert.deepEqual(await run("select id, mag from star"), [
      { id: 2, mag: 2 },
    ]);
    const [changed, created] = await stars.getOrCreate({
      filterBy: { id: 3 },
      name: "VEGA",
    });
    assert.deepEqual([changed.name, created], ["vega", true]);
    await assert.rejects(
      stars.getOrCreate({ filterBy: { id: 4 }, name: "vega" }),
      DuplicateKeyError,
    );
  },
);

testTables(
  "an upsert of rows that a trigger gives one key says so",
  [Star],
  [
    ...TABLES["a plain table"] ?? [],
    `create function same() returns trigger language plpgsql as 'begin new.id := 1; return new; end'`,
    "create trigger same before insert on star for each row execute function same()",
  ],
  async ({ db }) => {
    await assert.rejects(
      db.query(Star).bulkUpsert([{ id: 1, mag: 1 }, { id: 2, mag: 2 }]),
      /a trigger of star gives several of the rows the same id/,
    );
  },
);

const Found = defineModel("found", {
  fields: z.object({
    part: z.int32(),
    name: z.string(),
    mag: z.float64().nullable(),
  }),
});

testTables(
  "an upsert without a unique key changes the right row of several partitions",
  [Found],
  [
    "create table found (part int, name text, mag float8) partition by list (part)",
    "create table found_1 partition of found for values in (1)",
    "create table found_2 partition of found for values in (2)",
  ],
  async ({ db }) => {
    const found = db.query(Found);
    const conflict = ["part", "name"] as const;
    // The first rows of the partitions have the same place in their tables.
    await found.bulkInsert([
      { part: 1, name: "a", mag: 1 },
      { part: 2, name: "a", mag: 2 },
    ]);
    assert.deepEqual(
      await found.bulkUpsert([
        { part: 2, name: "a", mag: 5 },
        { part: 1, name: "b", mag: 6 },
      ], { conflict }),
      { inserted: 1, updated: 1, unchanged: 0 },
    );
    const rows = await found.findAll({ orderBy: { part: "asc", name: "asc" } });
    assert.deepEqual(
      rows.map(({ part, name, mag }) => [part, name, mag]),
      [[1, "a", 1], [1, "b", 6], [2, "a", 5]],
    );
  },
);
