// Rows that the bulk methods return from tables with server-filled keys, triggers, rules, policies, and partitions.
import {
  type Connection,
  DatabaseError,
  defineModel,
  SchemaError,
  serial,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { testTables } from "../../support/made_tables.ts";

const fields = z.object({
  id: z.int32(),
  name: z.string().nullable(),
  tags: z.array(z.int32()).nullable(),
});
const Star = defineModel("star", { fields, primaryKey: ["id"] });

const TABLE = [
  "create table star (id int primary key, name varchar, tags int[])",
  "insert into star values (2, 'b', '{1}'), (1, 'a', '{2}')",
];

const Night = defineModel("night", {
  fields: z.object({
    id: serial(z.int32()),
    site: z.string(),
    made: z.string().optional().meta({ sqlDefault: "'server'" }),
    size: z.int32().nullable().meta({
      sqlType: "int generated always as (length(site)) stored",
    }),
  }),
  primaryKey: ["id"],
});
const NIGHT =
  "create table night (id serial primary key, site varchar not null, made varchar not null default 'server', size int generated always as (length(site)) stored)";

const plain = (rows: readonly object[]) => rows.map((row) => ({ ...row }));

testTables(
  "bulkInsert and bulkUpsert return the keys that the server gave to rows, in the given order",
  [Night],
  [NIGHT],
  async ({ db }) => {
    // Rows with the same fields share a statement, unless they are returned.
    const rows = Array.from({ length: 9 }, (_, index) => ({
      site: `s${index}`,
      ...(index % 3 === 0 ? { made: "caller" } : {}),
      ...(index === 4 ? { id: 100 } : {}),
    }));
    for (const method of ["insert", "upsert"] as const) {
      const returning = ["site", "made", "size", "id"] as const;
      const given = rows.map((row) => ({
        ...row,
        site: `${row.site}${method}`,
        ...("id" in row ? { id: method === "insert" ? 100 : 101 } : {}),
      }));
      const { rows: written } = method === "insert"
        ? await db.query(Night).bulkInsert(given, { returning })
        : await db.query(Night).bulkUpsert(given, { returning });
      assert.deepEqual(
        written.map(({ site, made, size }) => [site, made, size]),
        given.map((row) => [row.site, row.made ?? "server", row.site.length]),
      );
      const stored = await db.query(Night).findAll({ orderBy: { id: "asc" } });
      const ids = new Map(stored.map(({ site, id }) => [site, id]));
      assert.ok(written.every(({ site, id }) => ids.get(site) === id));
    }
  },
);

testTables(
  "the bulk methods return the rows that a trigger changed, and not those that it discarded",
  [Star],
  [
    ...TABLE,
    "create function f() returns trigger language plpgsql as $$ begin if new.id = 3 then return null; end if; new.name := rtrim(new.name, '!') || '!'; return new; end $$",
    "create trigger g before insert or update on star for each row execute function f()",
  ],
  async ({ db }) => {
    const stars = db.query(Star);
    const rows = [
      { id: 5, name: "e" },
      { id: 3, name: "c" },
      { id: 4, name: "d" },
    ];
    const returning = ["id", "name"] as const;
    const inserted = await stars.bulkInsert(rows, { returning });
    assert.deepEqual({ ...inserted, rows: plain(inserted.rows) }, {
      inserted: 2,
      ignored: 1,
      rows: [{ id: 5, name: "e!" }, { id: 4, name: "d!" }],
    });
    const upserted = await stars.bulkUpsert(
      [...rows, { id: 1, name: "z" }, { id: 6, name: "f" }],
      { returning },
    );
    assert.deepEqual({ ...upserted, rows: plain(upserted.rows) }, {
      inserted: 1,
      updated: 1,
      unchanged: 3,
      rows: [
        { id: 1, name: "z!" },
        { id: 6, name: "f!" },
      ],
    });
    const changed = await stars.bulkUpdate(
      [{ id: 6, name: "x" }, { id: 3, name: "x" }, { id: 5, name: "y" }],
      { returning },
    );
    assert.deepEqual({ ...changed, rows: plain(changed.rows) }, {
      updated: 2,
      missing: 1,
      rows: [{ id: 6, name: "x!" }, { id: 5, name: "y!" }],
    });
  },
);

testTables(
  "a row whose key a trigger changes is returned last",
  [Star],
  [
    ...TABLE,
    "create function f() returns trigger language plpgsql as $$ begin if new.id = 7 then new.id := 70; end if; return new; end $$",
    "create trigger g before insert on star for each row execute function f()",
  ],
  async ({ db }) => {
    const { rows } = await db.query(Star).bulkInsert(
      [{ id: 7, name: "g" }, { id: 9, name: "i" }, { id: 8, name: "h" }],
      { returning: ["id"] },
    );
    assert.deepEqual(rows.map(({ id }) => id), [9, 8, 70]);
  },
);

testTables(
  "the bulk methods write nothing if a row to return cannot be read",
  [Star],
  [
    ...TABLE,
    "create function f() returns trigger language plpgsql as $$ begin new.tags := '{1,NULL}'; return new; end $$",
    "create trigger g before insert or update on star for each row execute function f()",
  ],
  async ({ db }) => {
    const returning = ["id", "tags"] as const;
    const calls = (to: Pick<Connection, "query">) => [
      () => to.query(Star).bulkInsert([{ id: 9 }], { returning }),
      () => to.query(Star).bulkUpsert([{ id: 1, name: "x" }], { returning }),
      () => to.query(Star).bulkUpdate([{ id: 1, name: "x" }], { returning }),
    ];
    for (const call of calls(db)) {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof SchemaError, String(error));
        assert.match(error.message, /^Cannot read star with id \d: tags holds/);
        assert.equal(error.outcome, "not applied");
        return true;
      });
    }
    for (const index of calls(db).keys()) {
      await assert.rejects(
        db.transaction(async (tx) => {
          await tx.query(Star).updateAll({ filterBy: {}, set: { name: "y" } });
          await calls(tx)[index]?.();
        }),
        SchemaError,
      );
    }
    assert.equal(await db.query(Star).count(), 2);
    assert.equal(
      await db.query(Star).count({ filterBy: { name: ["x", "y"] } }),
      0,
    );
  },
);

/** A model of a table with the columns of `star`. */
const like = (table: string) =>
  defineModel(table, { fields, primaryKey: ["id"] });

testTables(
  "the bulk methods return rows of views, of partitioned tables, and of tables with a deferrable key",
  [like("part"), like("late"), like("seen")],
  [
    "create table part (id int, name varchar, tags int[]) partition by range (id)",
    "create table part_1 partition of part for values from (0) to (10)",
    "create table part_2 partition of part for values from (10) to (100)",
    "alter table part add primary key (id)",
    "create table late (id int primary key deferrable, name varchar, tags int[])",
    "create table base (id int primary key, name varchar, tags int[])",
    "create view seen as select * from base",
  ],
  async ({ db }) => {
    for (const table of ["part", "late", "seen"]) {
      const stars = db.query(like(table));
      const returning = ["id", "name"] as const;
      const first = await stars.bulkInsert([
        { id: 20, name: "t" },
        { id: 2, name: "b" },
        { id: 20, name: "u" },
      ], { returning });
      assert.deepEqual(plain(first.rows), [
        { id: 20, name: "t" },
        { id: 2, name: "b" },
      ], table);
      const second = await stars.bulkUpsert([
        { id: 30, name: "x" },
        { id: 20, name: "t" },
        { id: 2, name: "c" },
        { id: 3, name: "d" },
      ], { returning });
      assert.deepEqual({ ...second, rows: plain(second.rows) }, {
        inserted: 2,
        updated: 1,
        unchanged: 1,
        rows: [
          { id: 30, name: "x" },
          { id: 2, name: "c" },
          { id: 3, name: "d" },
        ],
      }, table);
      const third = await stars.bulkUpdate(
        [{ id: 30, name: "y" }, { id: 2, name: "d" }],
        { returning },
      );
      assert.deepEqual(plain(third.rows), [
        { id: 30, name: "y" },
        { id: 2, name: "d" },
      ], table);
    }
  },
);

testTables(
  "bulkInsert with returning on a table with a rule returns the rows of its RETURNING clause, or throws",
  [Star],
  [
    "create table base (id int primary key, name varchar, tags int[])",
    "create view star as select * from base",
    "create rule r as on insert to star do instead insert into base values (new.id, upper(new.name), new.tags) returning base.*",
  ],
  async ({ db, run }) => {
    const insert = (id: number) =>
      db.query(Star).bulkInsert([{ id, name: "a" }], {
        returning: ["id", "name"],
      });
    assert.deepEqual(plain((await insert(1)).rows), [{ id: 1, name: "A" }]);
    await run(
      "create or replace rule r as on insert to star do instead insert into base values (new.id, new.name, new.tags)",
    );
    await assert.rejects(
      insert(2),
      (error) => error instanceof DatabaseError && error.code === "0A000",
    );
    assert.equal(await db.query(Star).count(), 1);
  },
);

const Padded = defineModel("padded", {
  fields: z.object({
    name: z.string().meta({ sqlType: "char(5)" }),
    size: z.int32().nullable(),
  }),
  primaryKey: ["name"],
});

testTables(
  "keys that only the database compares are returned once, at the place of the first equal one",
  [Padded],
  ["create table padded (name char(5) primary key, size int)"],
  async ({ db }) => {
    const padded = db.query(Padded);
    const returning = ["name", "size"] as const;
    const written = ({ rows }: {
      readonly rows: readonly { name: string; size: number | null }[];
    }) => rows.map(({ name, size }) => [name.trimEnd(), size]);
    const inserted = await padded.bulkInsert(
      [{ name: "b", size: 1 }, { name: "b ", size: 2 }, { name: "a", size: 3 }],
      { returning },
    );
    assert.deepEqual(written(inserted), [["b", 1], ["a", 3]]);
    const upserted = await padded.bulkUpsert([
      { name: "c  ", size: 4 },
      { name: "a ", size: 5 },
      { name: "b", size: 1 },
      { name: "a", size: 6 },
    ], { returning });
    assert.deepEqual(written(upserted), [["c", 4], ["a", 6]]);
    const updated = await padded.bulkUpdate(
      [{ name: "b ", size: 7 }, { name: "c", size: 8 }, { name: "b", size: 9 }],
      { returning },
    );
    assert.deepEqual(written(updated), [["b", 9], ["c", 8]]);
  },
);
