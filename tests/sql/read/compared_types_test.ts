// Values of types that PostgreSQL compares only with a cast, by a domain, or not at all.
import { bytes, defineModel, ModelError, QueryError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { z } from "zod";
import {
  assertComparable,
  assertOrdered,
} from "../../../src/sql/compile/comparable.ts";
import { testTables } from "../../support/made_tables.ts";

const text = (sqlType: string) => z.string().nullable().meta({ sqlType });
const Thing = defineModel("thing", {
  fields: z.object({
    id: z.int32(),
    list: text("text[]"),
    box: text("box"),
    class: text("regclass"),
    pair: text("pair"),
    place: text("point"),
    pattern: text("jsonpath"),
    digits: text("numeric"),
    range: text("numrange"),
    json: text("jsonb"),
  }),
  primaryKey: ["id"],
});
const ONE = {
  id: 1,
  list: '{a,"b c"}',
  box: "(3,4),(1,2)",
  class: "pg_class",
  pair: '(1,"a b")',
  place: "(1,2)",
  pattern: '$."a"',
  digits: "1.0",
  range: "[1.0,2)",
  json: '{"a": 1.0}',
};
const OTHER = {
  id: 1,
  list: '{a,"b  c"}',
  box: "(4,5),(2,3)",
  class: "pg_type",
  pair: "(2,a)",
  place: "(2,2)",
  pattern: '$."b"',
  digits: "1.00",
  range: "[1.00,2)",
  json: '{"a": 1.00}',
};

testTables(
  "a text of any type finds its row, and an upsert writes a text that differs",
  [Thing],
  [
    "create type pair as (a int, b text)",
    "create table thing (id int primary key, list text[], box box, class regclass, pair pair, place point, pattern jsonpath, digits numeric, range numrange, json jsonb)",
  ],
  async ({ db }) => {
    const things = db.query(Thing);
    await things.insert(ONE);
    const none = ["place", "pattern"] as const;
    for (const [field, value] of Object.entries(ONE)) {
      for (const filter of [{ eq: value }, { in: [value, value] }]) {
        const count = things.count({ filterBy: { [field]: filter } });
        if (none.some((name) => name === field)) {
          await assert.rejects(count, QueryError);
        } else assert.equal(await count, 1, field);
      }
    }
    for (const field of ["box", ...none]) {
      await assert.rejects(things.findAll({ orderBy: { [field]: "asc" } }), {
        name: "QueryError",
        message: /^Cannot order by/,
      });
    }
    for (const field of Object.keys(ONE).slice(1)) {
      const change = { id: 1, [field]: Reflect.get(OTHER, field) };
      assert.equal((await things.bulkUpsert([change])).updated, 1, field);
      assert.equal((await things.bulkUpsert([change])).unchanged, 1, field);
    }
    assert.deepEqual({ ...await things.first() }, OTHER);
  },
);

Deno.test("hstore has equality and no order, in any schema", () => {
  for (const type of ["hstore", "public.hstore", '"my ext".hstore']) {
    const [field] = defineModel("tags", {
      fields: z.object({ tags: z.string().meta({ sqlType: type }) }),
      primaryKey: ["tags"],
    }).fields;
    assert.ok(field);
    assertComparable(field, false);
    assert.throws(() => assertComparable(field, true), QueryError);
    assert.throws(() => assertOrdered(field), QueryError);
  }
});

const date = (sqlType: string) => z.date().meta({ sqlType });
const Sky = defineModel("sky", {
  fields: z.object({
    second: date("whole_second"),
    mag: z.float64().meta({ sqlType: "hundredth" }),
    name: z.string().meta({ sqlType: "band" }),
    v: z.int32().nullable(),
  }),
  primaryKey: ["second", "mag", "name"],
  relations: {
    same: {
      kind: "many",
      model: "sky",
      on: { second: "second", mag: "mag", name: "name" },
    },
  },
});

testTables(
  "a domain decides which keys are equal, as its type does",
  [Sky],
  [
    "create domain whole_second as timestamptz(0)",
    "create domain hundredth as numeric(6, 2)",
    "create domain band as char(3)",
    "create table sky (second whole_second, mag hundredth, name band, v int, primary key (second, mag, name))",
  ],
  async ({ db }) => {
    const skies = db.query(Sky);
    const at = (milliseconds: number) =>
      new Date(Date.UTC(2024, 0, 1) + milliseconds);
    const one = { second: at(100), mag: 1.001, name: "g" };
    const two = { second: at(200), mag: 1.002, name: "g  " };
    assert.deepEqual(
      await skies.bulkUpsert([{ ...one, v: 1 }, { ...two, v: 2 }]),
      { inserted: 1, updated: 0, unchanged: 1 },
    );
    for (const key of [one, two]) {
      assert.equal((await skies.getOrCreate({ filterBy: key }))[1], false);
      assert.equal(await skies.count({ filterBy: key }), 1);
      assert.equal((await skies.findAll({ filterBy: key })).length, 1);
      assert.equal(
        (await Array.fromAsync(skies.stream({ filterBy: key }))).length,
        1,
      );
      assert.equal(
        (await skies.bulkUpdate([[key, { v: 3 }]])).updated,
        1,
      );
    }
    assert.deepEqual(
      await skies.bulkUpdate([{ ...one, v: 4 }, { ...two, v: 5 }]),
      { updated: 2, missing: 0 },
    );
    const [read] = await skies.findAll({ include: ["same"] });
    assert.equal(read?.same.length, 1);
    assert.equal(read.v, 5);
  },
);

const Stamp = defineModel("stamp", {
  fields: z.object({ uid: z.uuid(), hash: bytes(), v: z.int32().nullable() }),
  primaryKey: ["uid", "hash"],
});

testTables(
  "one row can be marked by differently spelled keys",
  [Stamp],
  ["create table stamp (uid uuid, hash bytea, v int, primary key (uid, hash))"],
  async ({ db }) => {
    const stamps = db.query(Stamp);
    const uid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    const one = { uid, hash: Uint8Array.of(1, 2), v: null };
    const two = { ...one, uid: uid.toUpperCase(), hash: Buffer.from([1, 2]) };
    await stamps.insert(one);
    stamps.update(one, { v: 1 });
    stamps.update(two, { v: 2 });
    assert.equal((await db.session.commit()).updated, 2);
    assert.equal((await stamps.first())?.v, 2);
    stamps.delete({ ...one, hash: Uint8Array.of(3) });
    await assert.rejects(
      db.session.commit(),
      /no longer holds <Stamp\(uid='a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', hash=0x03\)>/,
    );
  },
);

Deno.test("money is refused, because its text depends on a setting", () => {
  assert.throws(
    () => defineModel("sale", { fields: z.object({ price: text("money") }) }),
    ModelError,
  );
});
