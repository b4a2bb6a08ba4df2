// The exact SQL of statements. It never contains values.
import type {
  AnyModel,
  Filter,
  FullFilter,
  OrderBy,
  QueryEvent,
} from "@alerce/db-plugins";
import {
  defineModel,
  generatedAs,
  identity,
  serial,
  serverDefault,
  SQLConnection,
} from "@alerce/db-plugins";
import {
  Sighting,
  Stamp,
  Star,
  type StarRow,
} from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { z } from "zod";
import { fieldsNamed } from "../../../src/model/keys.ts";
import { exactDate } from "../../../src/model/exact_date.ts";
import { compileOrder } from "../../../src/query/read/order.ts";
import { compileFilter } from "../../../src/query/filter/compile_filter.ts";
import { changes, newRow } from "../../../src/query/write/values.ts";
import { createCompiler } from "../../../src/sql/compile/compiler.ts";
import type { Command } from "../../../src/sql/link/link.ts";
import { createTables } from "../../../src/sql/schema/create_tables.ts";
import { wantedTable } from "../../../src/sql/schema/table.ts";
import { freshPglite } from "../../support/engines.ts";

const WHERE:
  readonly (readonly [Filter<StarRow>, string, readonly string[]])[] = [
    [{}, "", []],
    [{ id: 3n }, '"id" = $1', ["3"]],
    [
      { id: 3n, visits: { gte: 1, lt: 3 } },
      '("id" = $1 and ("visits" >= $2 and "visits" < $3))',
      ["3", "1", "3"],
    ],
    [{ mag: null }, '"mag" is null', []],
    [{ mag: { ne: null } }, '"mag" is not null', []],
    [{ mag: { ne: 1 } }, '"mag" is distinct from $1', ["1"]],
    [{ name: { ne: "a" } }, '"name" <> $1', ["a"]],
    [{ name: ["a", 'b"', "c\\"] }, '"name" = any($1)', [
      '{"a","b\\"","c\\\\"}',
    ]],
    [{ name: { notIn: ["a"] } }, '"name" <> all($1)', ['{"a"}']],
    [{ kind: { notIn: ["O"] } }, '("kind" = any($1)) is not true', ['{"O"}']],
    [{ name: [] }, "false", []],
    [{ or: [] }, "false", []],
    [{ name: { like: "A%" } }, '"name" like $1', ["A%"]],
    [{ name: { startsWith: "50%_" } }, '"name" like $1', ["50\\%\\_%"]],
    [{ name: { ilike: "a%" } }, '"name" collate "C" ilike $1', ["a%"]],
    [
      { notes: { path: ['a"', 0], lt: 2.5 } },
      "(jsonb_typeof(jsonb_path_query_first(\"notes\", cast($1 as jsonpath), '{}', true)) = 'number' and " +
      "jsonb_path_query_first(\"notes\", cast($1 as jsonpath), '{}', true) < cast($2 as jsonb))",
      ['strict $."a\\""[0]', "2.5"],
    ],
    [{ labels: { containsAny: ["x"] } }, '"labels" && $1', ['{"x"}']],
    [{ labels: { contains: ["x", "y"] } }, '"labels" @> $1', ['{"x","y"}']],
    [{ labels: ["a"] }, '"labels" = cast($1 as character varying[])', [
      '{"a"}',
    ]],
    [
      { labels: { in: [["a", "b"], []] } },
      '"labels" in (select cast(item as character varying[]) from unnest(cast($1 as text[])) as list(item))',
      ['{"{\\"a\\",\\"b\\"}","{}"}'],
    ],
    [{ notes: { eq: { a: 1 } } }, '"notes" = cast($1 as jsonb)', ['{"a":1}']],
    // A Date stands for its millisecond, unless it was read from a column with microseconds.
    [{ seen: { gt: new Date(0) } }, '"seen" > $1', [
      "1970-01-01T00:00:00.000999+00",
    ]],
    [{ seen: new Date(0) }, '("seen" >= $1 and "seen" <= $2)', [
      "1970-01-01T00:00:00.000+00",
      "1970-01-01T00:00:00.000999+00",
    ]],
    [{ seen: exactDate(0, 5) }, '"seen" = $1', [
      "1970-01-01T00:00:00.000005+00",
    ]],
    [{ seen: new Date(8.64e15) }, '"seen" = $1', ["infinity"]],
    [{ variable: false }, '"variable" = $1', ["f"]],
    [{ mag: { lt: Infinity } }, '"mag" < $1', ["Infinity"]],
    [
      { or: [{ mag: null }, { not: { mag: { gt: 1 } } }] },
      '("mag" is null or ("mag" > $1) is not true)',
      ["1"],
    ],
    [{ name: "'; drop table star; --" }, '"name" = $1', [
      "'; drop table star; --",
    ]],
  ];

Deno.test("filters compile to conditions, and values to parameters", () => {
  const compile = createCompiler("sky");
  for (const [filter, text, values] of WHERE) {
    const where = compileFilter(Star, filter);
    const command = compile({ kind: "delete", model: Star, where });
    const condition = text === "" ? "" : ` where ${text}`;
    assert.equal(command.text, `delete from "sky"."star"${condition}`);
    assert.deepEqual(command.values, values);
  }
});

Deno.test("filters by related rows compile to correlated subqueries, whose columns name their table", () => {
  const models = new Map<string, AnyModel>([["star", Star], [
    "sighting",
    Sighting,
  ]]);
  const compile = createCompiler("sky");
  const text = (filter: FullFilter<typeof Star>): string | undefined => {
    const where = compileFilter(Star, filter, models);
    return compile({ kind: "exists", model: Star, where }).text
      .split(' from "sky"."star" where ')[1]?.slice(0, -1);
  };
  const of = (name: string, outer: string) =>
    `select from "sky"."sighting" as ${name} where ${name}."star" = ${outer}."id"`;
  const star = '"sky"."star"';
  assert.equal(
    text({ sightings: { some: {} } }),
    `exists (${of("dbp_1", star)})`,
  );
  assert.equal(
    text({ visits: 3, sightings: { none: { night: 1, mag: { ne: 2 } } } }),
    `("visits" = $1 and not exists (${
      of("dbp_1", star)
    } and (dbp_1."night" = $2 and dbp_1."mag" is distinct from $3)))`,
  );
  const every: object = { star_row: { is: { name: { gt: "a" } } } };
  assert.equal(
    text({ sightings: { every, some: {} } }),
    `(not exists (${
      of("dbp_1", star)
    } and not exists (select from "sky"."star" as dbp_2 where dbp_2."id" = dbp_1."star" and dbp_2."name" > $1)) and exists (${
      of("dbp_3", star)
    }))`,
  );
});

Deno.test("a float over numeric is compared as a double, beside a range for an index", () => {
  const Exact = defineModel("exact", {
    fields: z.object({
      id: z.int32(),
      mjd: z.float64().meta({ sqlType: "numeric(24,12)" }),
    }),
    primaryKey: ["id"],
  });
  const compile = createCompiler(undefined);
  // PostgreSQL refuses to cast numbers beyond the range of a double.
  const DOUBLE =
    `(case when abs("mjd") >= 1.797693134862315807e308 and "mjd" <> 'NaN' then cast(case when "mjd" > 0 then 'inf' else '-inf' end as double precision) when abs("mjd") <= 2.47032822920623273e-324 then 0 else cast("mjd" as double precision) end)`;
  const text = (filter: object) => {
    const where = compileFilter(Exact, filter);
    const command = compile({ kind: "delete", model: Exact, where });
    return [command.text.split(" where ")[1], ...command.values];
  };
  assert.deepEqual(text({ mjd: 0.1 }), [
    `(${DOUBLE} = cast($1 as double precision) and "mjd" >= $2 and "mjd" <= $3)`,
    ...["0.1", "0.09999999999999999", "0.10000000000000002"],
  ]);
  assert.deepEqual(text({ mjd: { lt: Infinity } }), [
    `(${DOUBLE} < cast($1 as double precision))`,
    "Infinity",
  ]);
});

Deno.test("a text over another type is cast to it without its precision, so that nothing is rounded", () => {
  const Exact = defineModel("exact", {
    fields: z.object({
      id: z.int32(),
      price: z.string().meta({ sqlType: "numeric(6, 2)" }),
      at: z.string().meta({ sqlType: "timestamp(3) with time zone" }),
    }),
    primaryKey: ["id"],
  });
  const compile = createCompiler(undefined);
  const set = new Map(
    Exact.fields.slice(1).map((field) => [field, "1.239"] as const),
  );
  const where = compileFilter(Exact, { id: 1 });
  assert.equal(
    compile({ kind: "update", model: Exact, set, operations: new Map(), where })
      .text,
    'update "exact" set "price" = cast($1 as numeric), "at" = cast($2 as timestamp with time zone) where "id" = $3',
  );
});

Deno.test("statements with the same outline share a prepared statement, others do not", () => {
  const compile = createCompiler(undefined);
  const named = (filter: Filter<StarRow>): string | undefined =>
    compile({ kind: "exists", model: Star, where: compileFilter(Star, filter) })
      .name;
  assert.equal(named({ id: 1n }), named({ id: 2n }));
  assert.equal(named({ name: ["a"] }), named({ name: ["b", "c"] }));
  assert.notEqual(named({ id: 1n }), named({ name: "a" }));
  assert.notEqual(
    named({ and: [{ id: 1n }, { visits: 1 }] }),
    named({ or: [{ id: 1n }, { visits: 1 }] }),
  );
  assert.notEqual(named({ not: { mag: 1 } }), named({ mag: 1 }));
  assert.notEqual(named({ mag: { gt: 1 } }), named({ mag: { gte: 1 } }));
});

Deno.test("nulls first or last is written only if it differs from PostgreSQL's default", () => {
  const compile = createCompiler(undefined);
  const ordered = (orderBy: OrderBy<StarRow>): string =>
    compile({
      kind: "find",
      model: Star,
      where: compileFilter(Star, {}),
      order: compileOrder(Star, orderBy),
      fields: Star.fields.slice(0, 2),
      limit: 5,
      offset: 10,
    }).text;
  const select = 'select "id", "name" from "star" order by ';
  assert.equal(
    ordered({ mag: "asc", visits: "desc", name: "desc" }),
    `${select}"mag" asc, "visits" desc nulls last, "name" desc, "id" asc limit $1 offset $2`,
  );
  assert.equal(
    ordered({ mag: { direction: "asc", nulls: "first" }, id: "desc" }),
    `${select}"mag" asc nulls first, "id" desc limit $1 offset $2`,
  );
});

Deno.test("every kind of statement compiles to SQL", () => {
  const compile = createCompiler(undefined);
  const where = compileFilter(Sighting, { star: 1n, night: 2 });
  const text = (
    statement: Parameters<typeof compile>[0],
  ): [string, Command["values"]] => {
    const command = compile(statement);
    return [command.text, command.values];
  };
  const key = '("star" = $1 and "night" = $2)';
  assert.deepEqual(text({ kind: "count", model: Sighting, where, max: 9 }), [
    `select count(*) from (select from "sighting" where ${key} limit $3) as counted`,
    ["1", "2", "9"],
  ]);
  assert.deepEqual(text({ kind: "exists", model: Sighting, where }), [
    `select exists (select from "sighting" where ${key})`,
    ["1", "2"],
  ]);
  const [star, night, , quality5] = Sighting.fields;
  assert.ok(star && night && quality5);
  const each = {
    kind: "findEach",
    model: Sighting,
    keys: [[1n], [2n]],
    where: compileFilter(Sighting, { quality: { gt: 0.5 } }),
    order: compileOrder(Sighting, { quality: "desc" }),
    fields: [quality5],
    limit: 5,
  } as const;
  assert.deepEqual(text({ ...each, key: [star] }), [
    "select dbp_rows.* from unnest(cast($1 as text[])) as dbp_keys(k0) cross join lateral " +
    '(select "quality" from "sighting" where "star" = cast(dbp_keys.k0 as bigint) and "quality" > $2 ' +
    'order by "quality" desc, "star" asc, "night" asc limit $3) as dbp_rows',
    ['{"1","2"}', "0.5", "5"],
  ]);
  assert.deepEqual(text({ ...each, key: [night] }), [
    'select "quality" from (select "quality", row_number() over (partition by "night" ' +
    'order by "quality" desc, "star" asc, "night" asc) as dbp_number from "sighting" ' +
    'where ("night") in (select cast(dbp_keys.k0 as smallint) from unnest(cast($1 as text[])) as dbp_keys(k0)) ' +
    'and "quality" > $2) as dbp_rows where dbp_number <= cast($3 as bigint) order by dbp_number',
    ['{"1","2"}', "0.5", "5"],
  ]);
  assert.deepEqual(
    text({
      kind: "update",
      operations: new Map(),
      model: Sighting,
      where,
      set: changes(Sighting, { mag: null, quality: 1 }, 0),
    }),
    [
      'update "sighting" set "mag" = cast($1 as double precision), "quality" = cast($2 as double precision) where ("star" = $3 and "night" = $4)',
      [null, "1", "1", "2"],
    ],
  );
  assert.deepEqual(
    text({
      kind: "getOrCreate",
      model: Sighting,
      where,
      row: newRow(Sighting, { star: 1n, night: 2, quality: 0.5 }, 0),
    }),
    [
      'with dbp_existing as (select "star", "night", "mag", "quality" from "sighting" where ("star" = $1 and "night" = $2) limit 1), ' +
      'dbp_created as (insert into "sighting" ("star", "night", "mag", "quality") select cast($3 as bigint), cast($4 as smallint), ' +
      "cast($5 as double precision), cast($6 as double precision) where not exists (select from dbp_existing) on conflict do nothing " +
      'returning "star", "night", "mag", "quality") select "star", "night", "mag", "quality", false from dbp_existing ' +
      'union all select "star", "night", "mag", "quality", true from dbp_created',
      ["1", "2", "1", "2", null, "0.5"],
    ],
  );
  const row = newRow(Sighting, { star: 1n, night: 2, quality: 0.5 }, 0);
  assert.deepEqual(text({ kind: "insertRow", model: Sighting, row }), [
    'insert into "sighting" ("star", "night", "mag", "quality") values (cast($1 as bigint), cast($2 as smallint), ' +
    'cast($3 as double precision), cast($4 as double precision)) returning "star", "night", "mag", "quality"',
    ["1", "2", null, "0.5"],
  ]);
  const [quality] = Sighting.fields.slice(3);
  assert.ok(quality);
  const update = {
    kind: "updateEach",
    key: fieldsNamed(Sighting, ["star", "night"]),
    operations: new Map(),
    model: Sighting,
    set: [quality],
    changes: [{ key: [1n, 2], values: [0.5] }, {
      key: [1n, 3],
      values: [null],
    }],
  } as const;
  const [updateText, arrays] = text(update);
  assert.deepEqual(
    [updateText, arrays.map(textsOf)],
    [
      'update "sighting" as target set "quality" = cast("source"."v2" as double precision) ' +
      'from unnest(cast($1 as text[]), cast($2 as text[]), cast($3 as text[])) as source("v0", "v1", "v2") ' +
      'where "target"."star" = cast("source"."v0" as bigint) and "target"."night" = cast("source"."v1" as smallint)',
      [["1", "1"], ["2", "3"], ["0.5", null]],
    ],
  );
  const [wholeText, values] = text({ ...update, needsAll: true });
  assert.equal(
    wholeText,
    `with updated as (${updateText} returning 1) ` +
      "select case when count(*) = cast($4 as bigint) then 1 else cast('only ' || count(*) || ' of the rows exist' as integer) end from updated",
  );
  assert.deepEqual(values.slice(3), ["2"]);
});

Deno.test("a new row leaves out what the server fills, and overrides an identity GENERATED ALWAYS", () => {
  const Filled = defineModel("filled", {
    fields: z.object({
      id: identity(z.int32(), { always: true }),
      made: serverDefault(z.date(), "now()"),
      twice: generatedAs(z.int32().nullable(), "id * 2"),
    }),
    primaryKey: ["id"],
  });
  const compile = createCompiler(undefined);
  const text = (row: object): string =>
    compile({
      kind: "insertRow",
      model: Filled,
      row: newRow(Filled, row, 0),
    }).text;
  assert.equal(
    text({ twice: 9 }),
    'insert into "filled" default values returning "id", "made", "twice"',
  );
  assert.equal(
    text({ id: 1 }),
    'insert into "filled" ("id") overriding system value values (cast($1 as integer)) returning "id", "made", "twice"',
  );
  const idless = compile({
    kind: "getOrCreate",
    model: Filled,
    where: compileFilter(Filled, { id: 1 }),
    row: newRow(Filled, { twice: 2 }, 0),
  }).text;
  assert.match(
    idless,
    /\(insert into "filled" select {2}?where not exists/,
  );
});

Deno.test("tables are created with the clauses that fill their columns", () => {
  const Filled = defineModel("filled", {
    fields: z.object({
      a: serial(z.int32().meta({ sqlType: "smallint" })),
      b: serial(z.int64()),
      c: identity(z.int64()),
      d: identity(z.int32(), { always: true }),
      e: generatedAs(z.float64().nullable(), "a * 2.5"),
      f: generatedAs(z.int32(), "a", { stored: false }),
      g: serverDefault(z.uuid(), "gen_random_uuid()"),
      h: z.int64().meta({ sqlType: "bigint default nextval('s')" }),
      i: z.int64().meta({ sqlType: "BIGSERIAL" }),
    }),
  });
  assert.deepEqual(createTables([wantedTable(Filled, [Filled])], undefined), [
    'create table "filled" ("a" smallserial not null, "b" bigserial not null, ' +
    '"c" bigint generated by default as identity not null, "d" integer generated always as identity not null, ' +
    '"e" double precision generated always as (a * 2.5) stored, "f" integer generated always as (a) virtual not null, ' +
    `"g" uuid default gen_random_uuid() not null, "h" bigint default nextval('s') not null, "i" bigserial not null)`,
  ]);
});

Deno.test("tables are created with their keys, checks and comments", () => {
  const tables = [
    wantedTable(Star, [Star, Sighting]),
    wantedTable(Sighting, [Star, Sighting]),
  ];
  assert.deepEqual(createTables(tables, "sky"), [
    'create table "sky"."star" ("id" bigint not null, "name" character varying not null, "mag" double precision, "flux" real, ' +
    '"visits" integer, "variable" boolean, "seen" timestamp with time zone, "labels" character varying[], "kind" text, "uid" uuid, ' +
    `"notes" jsonb, "status" character varying not null, primary key ("id"), constraint "star_name_key" unique ("name"), ` +
    `constraint "star_kind_check" check ("kind" in ('O', 'G', 'M')))`,
    `comment on column "sky"."star"."mag" is '[mag]'`,
    `comment on column "sky"."star"."flux" is '[Jy]'`,
    'create table "sky"."sighting" ("star" bigint not null, "night" smallint not null, "mag" double precision, ' +
    '"quality" double precision not null, primary key ("star", "night"))',
    `comment on column "sky"."sighting"."mag" is '[mag]'`,
  ]);
});

Deno.test({
  name:
    "bulk writes copy straight into the table, after a collision through a stage merged in key order, and few rows in one statement",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const sent: string[] = [];
    const client = await freshPglite();
    const db = new SQLConnection({ models: [Sighting, Stamp], client });
    await db.connect({ ENGINE: "pglite" }, {
      onQuery: ({ text }: QueryEvent) =>
        sent.push(text.replaceAll(/dbp_stage_\d+/g, "dbp_stage")),
    });
    await db.createDb();
    const steps = async (work: () => Promise<unknown>): Promise<string[]> => {
      sent.length = 0;
      await work();
      return sent.filter((text) => !text.includes("pg_attribute"));
    };
    const rows = Array.from(
      { length: 1_200 },
      (_, night) => ({ star: 1n, night, mag: 1, quality: 1 }),
    );
    const columns = '("star", "night", "mag", "quality")';
    assert.deepEqual(await steps(() => db.query(Sighting).bulkInsert(rows)), [
      "begin",
      'lock table "sighting" in row exclusive mode',
      "savepoint dbp_bulk",
      `copy "sighting" ${columns} from stdin`,
      "release savepoint dbp_bulk",
      "commit",
    ]);
    const staged = [
      'create temporary table "dbp_stage" ("star" bigint, "night" smallint, "mag" double precision, "quality" double precision) on commit drop',
      `copy "pg_temp"."dbp_stage" ${columns} from stdin`,
    ];
    assert.deepEqual(await steps(() => db.query(Sighting).bulkInsert(rows)), [
      "begin",
      'lock table "sighting" in row exclusive mode',
      "savepoint dbp_bulk",
      `copy "sighting" ${columns} from stdin`,
      "rollback to savepoint dbp_bulk",
      ...staged,
      "savepoint dbp_merge",
      'insert into "sighting" ("star", "night", "mag", "quality") select "star", "night", "mag", "quality" from "pg_temp"."dbp_stage" ' +
      'order by "star", "night", "ctid" on conflict do nothing',
      "release savepoint dbp_merge",
      'drop table "pg_temp"."dbp_stage"',
      "commit",
    ]);
    assert.deepEqual(
      await steps(() =>
        db.query(Sighting).bulkUpsert(rows, { prefer: ["mag", "quality"] })
      ),
      [
        "begin",
        ...staged,
        "savepoint dbp_merge",
        'with merged as (insert into "sighting" as target ("star", "night", "mag", "quality") ' +
        'select distinct on ("star", "night") "star", "night", "mag", "quality" from "pg_temp"."dbp_stage" ' +
        'order by "star", "night", "mag" desc nulls last, "quality" desc nulls last, "ctid" desc ' +
        'on conflict ("star", "night") do update set "mag" = "excluded"."mag", "quality" = "excluded"."quality" ' +
        'where ("excluded"."mag" > "target"."mag" or ("excluded"."mag" is not null and "target"."mag" is null) or ' +
        '("excluded"."mag" is not distinct from "target"."mag" and ("excluded"."quality" > "target"."quality" or ' +
        '("excluded"."quality" = "target"."quality" and true)))) and ' +
        '("target"."mag", "target"."quality") is distinct from ("excluded"."mag", "excluded"."quality") ' +
        "returning (target.xmax = 0) as fresh) select count(*) filter (where fresh) as inserted, " +
        "count(*) filter (where not fresh) as updated from merged",
        "release savepoint dbp_merge",
        'drop table "pg_temp"."dbp_stage"',
        "commit",
      ],
    );
    const values =
      '(select "v0" as "star", "v1" as "night", "v2" as "mag", "v3" as "quality", "dbp_position" from unnest(' +
      "cast($1 as bigint[]), cast($2 as smallint[]), cast($3 as double precision[]), cast($4 as double precision[])) " +
      'with ordinality as v("v0", "v1", "v2", "v3", "dbp_position")) as staged';
    assert.deepEqual(
      await steps(() => db.query(Sighting).bulkInsert(rows.slice(0, 2))),
      [
        `insert into "sighting" ${columns} select "star", "night", "mag", "quality" from ${values} ` +
        'order by "star", "night", "dbp_position" on conflict do nothing',
      ],
    );
    assert.deepEqual(
      await steps(() => db.query(Sighting).bulkUpsert(rows.slice(0, 2))),
      [
        `with merged as (insert into "sighting" as target ${columns} ` +
        `select distinct on ("star", "night") "star", "night", "mag", "quality" from ${values} ` +
        'order by "star", "night", "dbp_position" desc on conflict ("star", "night") ' +
        'do update set "mag" = "excluded"."mag", "quality" = "excluded"."quality" where true and ' +
        '("target"."mag", "target"."quality") is distinct from ("excluded"."mag", "excluded"."quality") ' +
        "returning (target.xmax = 0) as fresh) select count(*) filter (where fresh) as inserted, " +
        "count(*) filter (where not fresh) as updated from merged",
      ],
    );
    await db.close();
    await client.close();
  },
});

/** Reads the binary format of an array of texts: the number of dimensions, a flag for nulls, the type, the length, the lower bound, and the items. */
function textsOf(array: unknown): (string | null)[] {
  assert.ok(array instanceof Uint8Array);
  const view = new DataView(array.buffer, array.byteOffset, array.length);
  assert.deepEqual([0, 8, 16].map((at) => view.getInt32(at)), [1, 25, 1]);
  let at = 20;
  return Array.from({ length: view.getInt32(12) }, () => {
    const length = view.getInt32(at);
    at += 4;
    if (length < 0) return null;
    return new TextDecoder().decode(array.subarray(at, at += length));
  });
}
