// Results that end in an error, rows that cannot be read, and tables that change between two statements.
import {
  DatabaseError,
  defineModel,
  SchemaError,
  SerializationError,
  SQLConnection,
} from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { sql } from "kysely";
import { z } from "zod";
import { returnsRows } from "../../../src/sql/driver/protocol/returns_rows.ts";
import { connected, stars, test } from "../../support/connected.ts";
import {
  freshPglite,
  freshSchema,
  hostilePool,
  postgresSettings,
} from "../../support/engines.ts";

const Item = defineModel("item", {
  fields: z.object({ id: z.int32(), tags: z.array(z.int32()).nullable() }),
  primaryKey: ["id"],
});

let pglite: ReturnType<typeof freshPglite> | undefined;

/** Opens a server with a pool of one connection, or PGlite, and returns the name of the table too. */
async function opened(engine: string) {
  const client = engine === "pglite"
    ? await (pglite ??= freshPglite())
    : undefined;
  const db = new SQLConnection({ models: [Item] as const, client });
  const SCHEMA = freshSchema();
  await db.connect({
    ...engine === "pglite" ? {} : { ...postgresSettings(), POOL_SIZE: 1 },
    SCHEMA,
  });
  await db.createDb();
  return {
    db,
    table: sql.id(SCHEMA, "item"),
    type: sql.id(SCHEMA, "mood"),
    short: sql.id(SCHEMA, "short"),
  };
}

test("a result of more than 50,000 rows has every row in order, and names the row that cannot be read", async () => {
  const COUNT = 50_500;
  const { db, table } = await opened("postgresql");
  const run = (query: ReturnType<typeof sql>) =>
    db.kysely.executeQuery(query.compile(db.kysely));
  await run(
    sql`insert into ${table} select n, case when n % 3 = 0 then null else array[n, -n] end from generate_series(1, ${
      sql.lit(COUNT)
    }) as n`,
  );
  const all = () => db.query(Item).findAll({ orderBy: { id: "asc" } });
  for (let round = 0; round < 2; round++) {
    const rows = await all();
    assert.equal(rows.length, COUNT);
    const other = rows.find((row, index) => {
      const id = index + 1;
      const tags = id % 3 === 0 ? "" : `${id},${-id}`;
      return row.id !== id || String(row.tags ?? "") !== tags ||
        Object.getPrototypeOf(row) !== Item.prototype;
    });
    assert.equal(other, undefined);
  }
  await run(sql`update ${table} set tags = '{{1}}' where id = 50400`);
  await assert.rejects(all(), /tags.*50400|50400.*tags/s);
  assert.equal(await db.query(Item).count(), COUNT);
  await db.dropDb();
  await db.close();
});

for (const engine of ["postgresql", "pglite"]) {
  test(`${engine}: an error of the server after some rows rejects the query, and the connection stays usable`, async () => {
    const { db } = await opened(engine);
    const failing = () =>
      db.sql`select repeat('x', 1000) as text, 1 / (900 - n) as n from generate_series(1, 1000) as n`;
    for (let round = 0; round < 2; round++) {
      await assert.rejects(failing(), /division by zero/);
      assert.deepEqual({ ...(await db.sql`select 7 as seven`)[0] }, {
        seven: 7,
      });
    }
    await assert.rejects(
      db.kysely.transaction().execute(async (tx) => {
        await tx.insertInto("item").values({ id: 1 }).execute();
        await sql`select 1 / 0`.execute(tx);
      }),
      /division by zero/,
    );
    assert.equal(await db.query(Item).count(), 0);
    await db.dropDb();
    await db.close();
  });

  test(`${engine}: a write that was only described, because its result cannot be read, is not applied`, async () => {
    const { db, table } = await opened(engine);
    const items = db.query(Item);
    await db.sql`alter table ${table} alter id type numeric`;
    const writes = [
      () => items.insert({ id: 1 }),
      () => items.getOrCreate({ filterBy: { id: 2 } }),
    ];
    for (const write of writes) {
      await assert.rejects(write, {
        name: "SchemaError",
        outcome: "not applied",
      });
    }
    assert.equal(await items.count(), 0);
    await db.dropDb();
    await db.close();
  });

  test(`${engine}: a row that cannot be read rejects with model, key, field and advice, and the next query works`, async () => {
    const { db, table } = await opened(engine);
    await db.query(Item).bulkInsert(
      Array.from({ length: 50 }, (_, id) => ({ id, tags: [id] })),
    );
    const items = db.query(Item);
    const isExplained = (error: unknown, end = ""): boolean => {
      assert.ok(error instanceof SchemaError, String(error));
      assert.equal(
        error.message,
        `Cannot read item with id 40: tags holds an array in which item 1 is null. To read such arrays, declare the items as nullable: z.array(….nullable())${end}`,
      );
      assert.equal(error.outcome, end === "" ? undefined : "applied");
      return true;
    };
    await db.sql`update ${table} set tags = '{1,NULL}' where id = 40`;
    const reads: Record<string, () => Promise<unknown>> = {
      findAll: () => items.findAll(),
      findOne: () => items.findOne({ filterBy: { id: 40 } }),
      first: () => items.first({ filterBy: { id: 40 } }),
      find: () => items.find({ orderBy: { id: "asc" }, perPage: 50 }),
      stream: () => Array.fromAsync(items.stream({ batchSize: 7 })),
      kysely: () => items.kysely.execute(),
    };
    for (const [name, read] of Object.entries(reads)) {
      if (name === "kysely") {
        await assert.rejects(
          read(),
          (error) =>
            error instanceof DatabaseError &&
            /column tags of a native query/.test(error.message),
        );
      } else await assert.rejects(read(), (error) => isExplained(error), name);
      assert.equal((await items.findOne({ filterBy: { id: 39 } }))?.id, 39);
    }
    await assert.rejects(
      items.getOrCreate({ filterBy: { id: 40 } }),
      (error) =>
        isExplained(
          error,
          ". The database holds the row: do not repeat the write",
        ),
    );
    await db.dropDb();
    await db.close();
  });

  test(`${engine}: a stream gives rows of any length, and those before a row that cannot be read`, async () => {
    const { db, table } = await opened(engine);
    const rows = Array.from({ length: 60 }, (_, id) => ({
      id,
      tags: id % 9 === 0 ? null : new Array<number>(id * 700).fill(id),
    }));
    await db.query(Item).bulkInsert(rows);
    const items = db.query(Item);
    for (const batchSize of [1, 7, 59, 60, 2000]) {
      const read = await Array.fromAsync(
        items.stream({ orderBy: { id: "asc" }, batchSize }),
      );
      assert.deepEqual(read.map((row) => ({ ...row })), rows);
    }
    await db.sql`update ${table} set tags = '{1,NULL}' where id = 40`;
    const ids: number[] = [];
    await assert.rejects(async () => {
      for await (
        const { id } of items.stream({ orderBy: { id: "asc" }, batchSize: 50 })
      ) ids.push(id);
    }, /Cannot read item with id 40/);
    assert.deepEqual(ids, rows.slice(0, 40).map(({ id }) => id));
    await db.dropDb();
    await db.close();
  });

  test(`${engine}: select * returns the present columns after the table changed`, async () => {
    const { db, table, type } = await opened(engine);
    await db.query(Item).bulkInsert([{ id: 1, tags: [2] }]);
    await db.sql`create type ${type} as enum ('good', 'bad')`;
    const all = async () => ({ ...(await db.sql`select * from ${table}`)[0] });
    const inTransaction = () =>
      db.kysely.transaction().execute(async (tx) => ({
        ...(await sql<object>`select * from ${table}`.execute(tx))
          .rows[0],
        ...(await sql<object>`select 1 as alive`.execute(tx)).rows[0],
      }));
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(await all(), { id: 1, tags: [2] });
    }
    const columns: Record<string, unknown> = { id: 1, tags: [2] };
    for (
      const [definition, value] of [
        ["a date default '2018-06-01'", "2018-06-01"],
        ["b inet default '10.0.0.1'", "10.0.0.1"],
        ["c int default 3", 3],
        ["d timestamptz default '2018-06-01 00:00+00'", new Date("2018-06-01")],
      ] as const
    ) {
      await db.sql`alter table ${table} add ${sql.raw(definition)}`;
      columns[definition.charAt(0)] = value;
      // A column whose binary format is unknown must be described first.
      const isNew = definition.includes("inet") && engine !== "pglite";
      if (isNew) await assert.rejects(all(), SerializationError);
      assert.deepEqual(await inTransaction(), { ...columns, alive: 1 });
      assert.deepEqual(await all(), columns);
    }
    await db.sql`alter table ${table} drop a`;
    delete columns.a;
    assert.deepEqual(await inTransaction(), { ...columns, alive: 1 });
    assert.deepEqual(await all(), columns);
    await db.dropDb();
    await db.close();
  });

  test(`${engine}: a query of a model reads a column whose type became an enum, a domain or wider`, async () => {
    const { db, table, type, short } = await opened(engine);
    const Text = defineModel("item", {
      fields: z.object({ id: z.int64(), tags: z.string().nullable() }),
      primaryKey: ["id"],
    });
    const items = db.query(Text);
    await db.sql`alter table ${table} alter tags type text using 'good'`;
    await items.bulkInsert([{ id: 1n, tags: "good" }]);
    const read = async () => [
      (await items.findAll({ filterBy: { id: [1n, 5n] } }))[0]?.tags,
      (await items.findOne({ filterBy: { id: 1n } }))?.tags,
    ];
    await db.sql`create type ${type} as enum ('good', 'bad')`;
    await db.sql`create domain ${short} as varchar(9)`;
    for (
      const next of [
        undefined,
        "enum",
        "short",
        "bytea",
        "text",
      ] as const
    ) {
      if (next !== undefined) {
        const target = next === "enum"
          ? type
          : next === "short"
          ? short
          : sql.raw(next);
        await db
          .sql`alter table ${table} alter tags type ${target} using tags::text::${target}`;
      }
      const shown = next === "bytea" ? "\\x676f6f64" : "good";
      if (next === "text") {
        await db.sql`update ${table} set tags = 'good'`;
      }
      assert.deepEqual(await read(), [shown, shown], shown);
      assert.deepEqual(await read(), [shown, shown], shown);
    }
    await db.dropDb();
    await db.close();
  });
}

test("native queries return the same values as before", async () => {
  const client = hostilePool();
  const db = new SQLConnection({ models: [Item], client });
  await db.connect();
  const at = new Date("2018-06-01T04:07:22.125Z");
  const [row] = await db.sql`select 1::int2 as int2, 2 as int4, 3::int8 as int8,
    4::oid as oid, 0.1::float4 as float4, 0.1::float8 as float8, 1.50 as numeric,
    true as bool, 'a' as text, 'b'::varchar as varchar, 'c'::char(2) as bpchar,
    '\\x1f'::bytea as bytea, '2018-06-01'::date as date, ${at}::timestamptz as tz,
    ${at}::timestamp as plain, '1 day'::interval as interval, '10.0.0.1'::inet as inet,
    '0b0c0ffe-0000-4000-8000-000000000001'::uuid as uuid, '{"a": 1}'::jsonb as jsonb,
    '[1]'::json as json, array[1, null] as ints, array[[1, 2], [3, 4]] as nested,
    array[1.5] as numerics, array[${at}::timestamptz] as times, null as nothing`;
  assert.deepEqual({ ...row }, {
    int2: 1,
    int4: 2,
    int8: 3n,
    oid: 4,
    float4: Math.fround(0.1),
    float8: 0.1,
    numeric: "1.50",
    bool: true,
    text: "a",
    varchar: "b",
    bpchar: "c ",
    bytea: "\\x1f",
    date: "2018-06-01",
    tz: at,
    plain: at,
    interval: "1 day",
    inet: "10.0.0.1",
    uuid: "0b0c0ffe-0000-4000-8000-000000000001",
    jsonb: { a: 1 },
    json: [1],
    ints: [1, null],
    nested: [[1, 2], [3, 4]],
    numerics: "{1.5}",
    times: [at],
    nothing: null,
  });
  assert.deepEqual(
    (await db.sql`select 1 as a, 'x' as b; select 2 as a, true as b`).map((
      row,
    ) => ({ ...row })),
    [{ a: 1, b: "x" }, { a: 2, b: true }],
  );
  await db.close();
  await client.end();
});

test("long rows and many statements at once keep their order", async () => {
  const db = await connected({ POOL_SIZE: 3 });
  const long = ["é".repeat(700_000)];
  await db.query(Star).bulkInsert([
    ...stars(300),
    { id: 999n, name: "long", labels: long },
  ]);
  const found = await Promise.all(
    Array.from(
      { length: 900 },
      (_, index) =>
        index % 100 === 99
          ? db.query(Star).findOne({ filterBy: { id: 999n } })
          : db.query(Star).findOne({ filterBy: { id: BigInt(index % 300) } }),
    ),
  );
  for (const [index, star] of found.entries()) {
    const isLong = index % 100 === 99;
    assert.equal(star?.name, isLong ? "long" : `s${index % 300}`);
    assert.equal(star?.labels?.[0], isLong ? long[0] : undefined);
  }
  await db.dropDb();
  await db.close();
});

Deno.test("a statement returns rows if it is one statement that reads, or writes with returning", () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ["select 1", true],
    ["/* ; */ -- ;\n (select 1); -- x\n ;", true],
    ["select 1; select 2", false],
    ["select ';', e'\\';' , $a$ ; $$ $a$, \";\"", true],
    ["insert into t values (1) returning *", true],
    ["insert into t values (1)", false],
    ["create table t (); select 1", false],
  ];
  for (const [text, expected] of cases) {
    assert.equal(returnsRows(text), expected, text);
  }
});
