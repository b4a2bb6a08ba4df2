// Databases and columns whose collations do not order text by code point.
import {
  type AnyModel,
  defineModel,
  greatest,
  least,
  QueryError,
  SQLConnection,
  TimeoutError,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { sql } from "kysely";
import pg from "pg";
import { z } from "zod";
import { LIMITS } from "../../../src/query/read/related_counts.ts";
import { test } from "../../support/connected.ts";
import {
  clientConfig,
  freshPglite,
  freshSchema,
  LINGUISTIC,
  postgresSettings,
} from "../../support/engines.ts";

type Settings = Record<string, unknown>;

const TEXTS = ["10", "9", "A", "B", "Z", "_x", "a", "z", "é"];

const Thing = defineModel("thing", {
  fields: z.object({
    id: z.string(),
    kind: z.enum(["b", "A"]).nullable(),
    tags: z.array(z.string()).nullable(),
    n: z.int32().nullable(),
  }),
  primaryKey: ["id"],
});

type Db = SQLConnection<readonly AnyModel[]>;

async function opened(
  settings: Settings,
  ...models: readonly AnyModel[]
): Promise<Db> {
  const db = new SQLConnection<readonly AnyModel[]>({ models });
  await db.connect(settings);
  return db;
}

/** Runs statements by the bare driver in the schema of the settings. */
async function run(settings: Settings, ...texts: string[]): Promise<unknown[]> {
  const client = new pg.Client(clientConfig(settings));
  await client.connect();
  let rows: unknown[] = [];
  try {
    for (const text of texts) {
      ({ rows } = await client.query({ text, rowMode: "array" }));
    }
  } finally {
    await client.end();
  }
  return rows;
}

/** A UUID that begins with a text. */
function uuid(start: string): string {
  return `${start}b2c3d4-0000-4000-8000-000000000001`;
}

async function ordered(
  db: Db,
  model: AnyModel,
  field = "id",
): Promise<unknown[]> {
  const rows = await db.query(model).findAll({ orderBy: { [field]: "asc" } });
  return rows.map((row) => row[field]);
}

async function collationsIn(db: Db, table: string): Promise<unknown> {
  const rows = await db.sql<{ name: string; collation: string }>`
    select a.attname as name, l.collname as collation
    from pg_attribute a join pg_collation l on l.oid = a.attcollation
    where a.attrelid = to_regclass(${table}) and a.attnum > 0 order by a.attnum`;
  return Object.fromEntries(
    rows.map(({ name, collation }) => [name, collation]),
  );
}

for (const [name, open] of LINGUISTIC) {
  test(`${name}: new columns of text get the collation C, so that keys serve ordered reads`, async () => {
    const settings = await open();
    const db = await opened(settings, Thing);
    await db.createDb();
    assert.deepEqual(await collationsIn(db, "thing"), {
      id: "C",
      kind: "C",
      tags: "C",
    });
    await db.query(Thing).bulkInsert(TEXTS.map((id) => ({ id, tags: [id] })));
    for (const later of [db, await opened(settings, Thing)]) {
      assert.deepEqual(await ordered(later, Thing), TEXTS);
      assert.deepEqual(
        await ordered(later, Thing, "tags"),
        TEXTS.map((id) => [id]),
      );
    }
    const plan = await db.transaction(async (tx) => {
      await tx.query(Thing).count();
      return await run(
        settings,
        "set enable_sort = off",
        "set enable_seqscan = off",
        `explain (costs off) select * from thing where id collate "C" > 'A' order by id collate "C"`,
      );
    });
    assert.match(String(plan), /Index Scan using thing_pkey.*Index Cond/);
    await db.createDb({ verify: true });
    assert.deepEqual(await db.migrations().differences([]), {
      changes: [],
      unmanaged: [],
    });
    await db.close();
  });

  test(`${name}: existing columns are ordered by code point, whatever their types and collations are`, async () => {
    const settings = await open();
    await run(
      settings,
      "create extension if not exists citext",
      "create type mood as enum ('b', 'A', 'a')",
      "create domain label as text",
      "create collation numeric_order (provider = icu, locale = 'und-u-kn')",
      `create table every (
        id varchar primary key, domained label, plain text, posix text collate "POSIX",
        german text collate "de-x-icu", fixed char(3), folded citext, mood mood,
        uid varchar collate numeric_order)`,
      ...["b", "A", "a"].map((text, index) =>
        `insert into every values ('${text}', '${text}', '${text}', '${text}', '${text}', '${text}', '${text}${index}', '${text}', '${
          ["12", "1b", "10"][index]
        }b2c3d4-0000-4000-8000-000000000001')`
      ),
    );
    const Every = defineModel("every", {
      fields: z.object({
        id: z.string(),
        domained: z.string().meta({ sqlType: "label" }),
        plain: z.string().meta({ sqlType: "text" }),
        posix: z.string().meta({ sqlType: "text" }),
        german: z.string().meta({ sqlType: "text" }),
        fixed: z.string().meta({ sqlType: "char(3)" }),
        folded: z.string().meta({ sqlType: "citext" }),
        mood: z.string().meta({ sqlType: "mood" }),
        uid: z.uuid().meta({ sqlType: "varchar" }),
      }),
      primaryKey: ["id"],
    });
    const db = await opened(settings, Every);
    const byCodePoint = ["A", "a", "b"];
    for (const field of ["id", "domained", "plain", "posix", "german"]) {
      assert.deepEqual(await ordered(db, Every, field), byCodePoint, field);
      assert.equal(
        await db.query(Every).count({ filterBy: { [field]: { lt: "a" } } }),
        1,
        field,
      );
    }
    assert.deepEqual(await ordered(db, Every, "fixed"), ["A  ", "a  ", "b  "]);
    // The type decides: citext ignores the case, and an enum has an order of its own.
    assert.deepEqual(await ordered(db, Every, "folded"), ["A1", "a2", "b0"]);
    assert.deepEqual(await ordered(db, Every, "mood"), ["b", "A", "a"]);
    assert.deepEqual(
      (await db.query(Every).findAll({ orderBy: { uid: "asc" } })).map((
        { id },
      ) => id),
      ["a", "b", "A"],
    );
    const every = db.query(Every);
    const [extremes] = await every.aggregate({
      min: ["domained", "plain", "german", "uid"],
      max: ["domained", "plain", "german", "uid"],
    });
    assert.deepEqual(extremes, {
      min: { domained: "A", plain: "A", german: "A", uid: uuid("10") },
      max: { domained: "b", plain: "b", german: "b", uid: uuid("1b") },
    });
    const b = { filterBy: { id: "b" } };
    for (const field of ["domained", "plain", "german"] as const) {
      const value = async () => (await every.findOne(b))?.[field];
      await every.updateAll({ ...b, set: { [field]: greatest("C") } });
      assert.equal(await value(), "b", field);
      await every.updateAll({ ...b, set: { [field]: least("C") } });
      assert.equal(await value(), "C", field);
      await every.bulkUpdate([{ id: "b", [field]: greatest("a") }]);
      assert.equal(await value(), "a", field);
    }
    const row = (await every.findAll(b)).map((row) => ({
      ...row,
      plain: "B",
      german: "B",
    }));
    await every.bulkUpsert(row, {
      merge: { plain: "greatest", german: "least" },
    });
    const merged = await every.findOne(b);
    assert.deepEqual([merged?.plain, merged?.german], ["a", "B"]);
    await db.close();
  });

  test(`${name}: a model that names a collation is ordered by it`, async () => {
    const settings = await open();
    const Own = defineModel("own", {
      fields: z.object({
        id: z.string().meta({ collation: "default" }),
        c: z.string().meta({ collation: "C" }),
        spelled: z.string().meta({ sqlType: 'text collate "und-x-icu"' }),
      }),
      primaryKey: ["id"],
    });
    const db = await opened(settings, Own);
    await db.createDb();
    assert.deepEqual(await collationsIn(db, "own"), {
      id: "default",
      c: "C",
      spelled: "und-x-icu",
    });
    const own = db.query(Own);
    await own.bulkInsert(
      TEXTS.map((id) => ({ id, c: id, spelled: id })),
    );
    const english = ["_x", "10", "9", "a", "A", "B", "é", "z", "Z"];
    assert.deepEqual(await ordered(db, Own), english);
    assert.deepEqual(await ordered(db, Own, "spelled"), english);
    assert.deepEqual(await ordered(db, Own, "c"), TEXTS);
    const page = await own.find({ perPage: 4 });
    const last = page.items.at(-1);
    assert.ok(last);
    const next = await own.find({ perPage: 9, after: last });
    assert.deepEqual(
      [...page.items, ...next.items].map(({ id }) => id),
      english,
    );
    await own.bulkUpsert([{ id: "9", c: "9", spelled: "B" }, {
      id: "9",
      c: "9",
      spelled: "a",
    }], { prefer: ["spelled"] });
    assert.equal(
      (await own.findOne({ filterBy: { id: "9" } }))?.spelled,
      "B",
    );
    await db.createDb({ verify: true });
    await db.close();
  });

  test(`${name}: a collation that ignores the case decides equality, and code points the order`, async () => {
    const settings = await open();
    await run(
      settings,
      "create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
      "create table folded (id integer primary key, name text collate nocase)",
      `insert into folded select n, (array['a','A','b','B','c'])[n % 5 + 1] from generate_series(0, 9) n`,
    );
    const Folded = defineModel("folded", {
      fields: z.object({
        id: z.int32(),
        name: z.string().nullable().meta({ sqlType: "text" }),
      }),
      primaryKey: ["id"],
      indexes: [{ fields: ["name"] }],
      relations: {
        same: { kind: "many", model: "folded", on: { name: "name" } },
      },
    });
    const db = await opened(settings, Folded);
    const folded = db.query(Folded);
    const related = () =>
      folded.findAll({
        filterBy: { id: { lt: 5 } },
        orderBy: { id: "asc" },
        include: { same: { orderBy: { id: "asc" }, limit: 3 } },
        counts: { same: true },
      });
    const expected = [
      ...[[[0, 1, 5], 4], [[0, 1, 5], 4], [[2, 3, 7], 4], [[2, 3, 7], 4]],
      [[4, 9], 2],
    ];
    const { keys } = LIMITS;
    for (const most of [keys, 2, 1]) {
      LIMITS.keys = most;
      try {
        assert.deepEqual(
          (await related()).map(({ same, counts }) => [
            same.map(({ id }) => id),
            counts.same,
          ]),
          expected,
        );
      } finally {
        LIMITS.keys = keys;
      }
    }
    assert.equal(await folded.count({ filterBy: { name: "A" } }), 4);
    assert.equal(await folded.count({ filterBy: { name: { lt: "a" } } }), 4);
    const all = [1, 6, 3, 8, 0, 5, 2, 7, 4, 9];
    for (const direction of ["asc", "desc"] as const) {
      const read: number[] = [];
      let after: object | undefined;
      while (read.length < 20) {
        const page = await folded.find({
          orderBy: { name: direction, id: direction },
          perPage: 3,
          ...after === undefined ? {} : { after },
        });
        read.push(...page.items.map(({ id }) => id));
        if (!page.hasNext) break;
        after = page.items.at(-1);
      }
      assert.deepEqual(read, direction === "asc" ? all : all.toReversed());
    }
    const like = folded.findAll({ filterBy: { name: { like: "a%" } } });
    if (name === "PostgreSQL 15") {
      await assert.rejects(like, (error) => {
        assert.ok(error instanceof QueryError);
        assert.equal(
          error.message,
          "Cannot filter folded by like: the collation of the column name is not deterministic, and PostgreSQL supports like on it only from version 18. Filter name by eq, in or a range, or give the column another collation",
        );
        assert.equal(error.model, "folded");
        assert.equal(error.field, "name");
        return true;
      });
    } else assert.equal((await like).length, 4);
    await db.close();
  });

  test(`${name}: without the right to read the catalogs, text is still ordered by code point`, async () => {
    const settings = await open();
    const role = freshSchema();
    await run(
      settings,
      `create role ${role} login password 'x'`,
      "create table thing (id varchar primary key, kind text, tags varchar[], n integer)",
      `grant select, insert on thing to ${role}`,
      `insert into thing select unnest(array['${TEXTS.join("','")}'])`,
      "revoke select on pg_database from public",
    );
    const db = await opened({ ...settings, USER: role, PASSWORD: "x" }, Thing);
    assert.deepEqual(await ordered(db, Thing), TEXTS);
    await db.close();
  });
}

for (const [name, open] of LINGUISTIC) {
  test(`${name}: tables of createDb, and models that the connection does not know, are ordered by code point at once`, async () => {
    const settings = await open();
    await run(settings, "create domain label as text");
    const Labeled = defineModel("labeled", {
      fields: z.object({
        id: z.int32(),
        label: z.string().meta({ sqlType: "label" }),
      }),
      primaryKey: ["id"],
    });
    const db = await opened(settings, Labeled);
    await db.createDb();
    await db.query(Labeled).bulkInsert(
      TEXTS.map((label, id) => ({ id, label })),
    );
    assert.deepEqual(await ordered(db, Labeled, "label"), TEXTS);
    await run(
      settings,
      "create table thing (id varchar primary key, kind text, tags varchar[], n integer)",
      `insert into thing select unnest(array['${TEXTS.join("','")}'])`,
    );
    assert.deepEqual(await ordered(db, Thing), TEXTS);
    await db.close();
  });
}

for (
  const [locale, options] of [
    ["C.UTF-8", "locale_provider builtin builtin_locale 'C.UTF-8'"],
    ["C", "locale 'C'"],
    ["C.UTF-8 of the operating system", "locale 'C.utf8'"],
  ] as const
) {
  test(`a database with the locale ${locale} needs no collation`, async () => {
    const database = freshSchema();
    await run(
      postgresSettings(),
      `create database ${database} template template0 encoding 'UTF8' ${options}`,
    );
    const sent: string[] = [];
    const db = new SQLConnection<readonly AnyModel[]>({ models: [Thing] });
    await db.connect({ ...postgresSettings(), DB_NAME: database }, {
      onQuery: ({ text }) => sent.push(text),
    });
    await db.createDb();
    await db.query(Thing).bulkInsert(TEXTS.map((id) => ({ id })));
    assert.deepEqual(await ordered(db, Thing), TEXTS);
    assert.ok(!sent.some((text) => /collate/i.test(text)));
    await db.close();
  });
}

test("in a database that orders text by code point, only columns with another collation name C", async () => {
  const schema = freshSchema();
  const settings = { ...postgresSettings(), SCHEMA: schema };
  await run(
    settings,
    `create schema ${schema}`,
    `create table ${schema}.thing (id varchar collate "en-US-x-icu" primary key, kind text, tags varchar[], n integer)`,
    `insert into ${schema}.thing select unnest(array['${TEXTS.join("','")}'])`,
  );
  const sent: string[] = [];
  const db = new SQLConnection<readonly AnyModel[]>({ models: [Thing] });
  await db.connect(settings, { onQuery: ({ text }) => sent.push(text) });
  assert.equal(sent.length, 0, "connecting sends no statement of the user");
  assert.deepEqual(await ordered(db, Thing), TEXTS);
  await db.query(Thing).findAll({ orderBy: { kind: "asc" } });
  assert.deepEqual(
    sent.map((text) => text.slice(text.indexOf(" order by "))),
    [
      ' order by "id" collate "C" asc',
      ' order by "kind" asc, "id" collate "C" asc',
    ],
  );
  await db.sql`drop schema ${sql.id(schema)} cascade`;
  await db.close();
});

const Patterned = defineModel("patterned", {
  fields: z.object({
    name: z.string(),
    band: z.enum(["gamma", "Red"]).nullable().meta({ sqlType: "band" }),
  }),
  primaryKey: ["name"],
});

for (const [name, open] of LINGUISTIC) {
  test(`${name}: ilike ignores the case of ASCII letters only, and takes columns of enum types`, async () => {
    const settings = { ...await open(), SCHEMA: "public" };
    await run(
      settings,
      "create type band as enum ('gamma', 'Red')",
      "create table patterned (name text primary key, band band)",
      "insert into patterned values ('Ω Cen', 'gamma'), ('ω cen', 'Red')",
    );
    await using db = await opened(settings, Patterned);
    const names = async (filterBy: object) =>
      (await db.query(Patterned).findAll({ filterBy })).map((row) =>
        Reflect.get(row, "name")
      );
    assert.deepEqual(await names({ name: { ilike: "ω CEN" } }), ["ω cen"]);
    assert.deepEqual(await names({ name: { ilike: "Ω%" } }), ["Ω Cen"]);
    assert.deepEqual(await names({ band: { ilike: "GAM%" } }), ["Ω Cen"]);
    assert.deepEqual(await names({ band: { startsWith: "R" } }), ["ω cen"]);
  });
}

test("connect to a PGlite that is busy ends within CONNECT_TIMEOUT", async () => {
  const client = await freshPglite();
  await client.transaction(async () => {
    const db = new SQLConnection({ models: [Thing], client });
    await assert.rejects(
      db.connect({ ENGINE: "pglite", CONNECT_TIMEOUT: 100 }),
      (error) =>
        error instanceof TimeoutError &&
        error.message ===
          "No answer from PGlite in memory within CONNECT_TIMEOUT",
    );
  });
  await client.close();
});
