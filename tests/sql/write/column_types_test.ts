// Columns of types to which a text or a number has no assignment cast, and of
// types without an operator for equality.
import { defineModel, ModelError, QueryError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { testTables } from "../../support/made_tables.ts";

type Kind = z.ZodType;
const bands = z.enum(["g", "r"]);

/** The column type, the field, two values, and a part of the first one, if the field is an array. */
const TYPES: readonly [string, Kind, unknown, unknown, unknown?][] = [
  ["public.test_band", bands, "g", "r"],
  ["public.test_band[]", z.array(bands), ["g", "r"], ["r"], "g"],
  ["public.test_short", z.string(), "ab", "cd"],
  ["public.test_short[]", z.array(z.string()), ["ab"], ["cd"], "ab"],
  ["inet", z.string(), "10.0.0.1", "10.0.0.2"],
  ["inet[]", z.array(z.string()), ["10.0.0.1"], [], "10.0.0.1"],
  ["interval", z.string(), "01:00:00", "02:00:00"],
  ["interval[]", z.array(z.string()), ["01:00:00"], ["02:00:00"], "01:00:00"],
  ["time", z.string(), "01:02:03", "04:05:06"],
  ["xml", z.string(), "<a/>", "<b/>"],
  ["json", z.json(), { a: 1 }, [1]],
  ["json", z.string(), '{"a": 1}', "[1]"],
  ["jsonb", z.string(), '{"a": 1}', "[1]"],
  ["bytea", z.string(), "\\x0102", "\\x03"],
  ["numeric", z.string(), "1.00000000000000000001", "2"],
  ["numeric[]", z.array(z.float64()), [1.5], [2], 1.5],
  [
    "date[]",
    z.array(z.date()),
    [new Date("2024-05-01")],
    [],
    new Date("2024-05-01"),
  ],
  ["text[]", z.array(z.string()), ["a", "b"], ["c"], "b"],
  ["varchar(3)[]", z.array(z.string()), ["abc"], ["c"], "abc"],
  ["real[]", z.array(z.float32()), [1.5], [2], 1.5],
  ["macaddr", z.string(), "08:00:2b:01:02:03", "08:00:2b:01:02:04"],
  ["int4range", z.string(), "[1,3)", "[2,4)"],
];

for (const [sqlType, kind, one, two, part] of TYPES) {
  const Thing = defineModel("thing", {
    fields: z.object({
      id: z.int32(),
      v: kind.nullable().meta({ sqlType }),
    }),
    primaryKey: ["id"],
  });
  const isUser = sqlType.startsWith("public.");
  testTables(
    `every write and filter works on ${sqlType} with z.${kind.def.type}`,
    [Thing],
    isUser
      ? [
        "drop type if exists public.test_band cascade",
        "drop domain if exists public.test_short cascade",
        "create type public.test_band as enum ('g', 'r')",
        "create domain public.test_short as varchar(3) check (value <> 'zz')",
      ]
      : [],
    async ({ db }) => {
      // deno-lint-ignore no-explicit-any -- the type of the field varies
      const things: any = db.query(Thing);
      await db.createDb();
      assert.deepEqual(
        await things.bulkInsert([{ id: 1, v: one }, { id: 2, v: null }]),
        { inserted: 2, ignored: 0 },
      );
      assert.deepEqual(
        await things.bulkInsert([{ id: 1, v: two }, { id: 3, v: two }]),
        { inserted: 1, ignored: 1 },
      );
      assert.deepEqual(
        await things.bulkUpsert([
          { id: 1, v: one },
          { id: 2, v: two },
          { id: 4, v: two },
        ]),
        { inserted: 1, updated: 1, unchanged: 1 },
      );
      await things.getOrCreate({ filterBy: { id: 5 }, v: one });
      await things.insert({ id: 6, v: one });
      assert.equal(
        await things.updateAll({ filterBy: { id: 6 }, set: { v: two } }),
        1,
      );
      assert.deepEqual(await things.bulkUpdate([{ id: 5, v: two }]), {
        updated: 1,
        missing: 0,
      });
      const ids = async (filterBy: object) =>
        (await things.findAll({ filterBy, orderBy: { id: "asc" } }))
          .map(({ id }: { id: number }) => id);
      if (sqlType === "xml") {
        for (const filter of [{ eq: one }, { in: [one] }, { ne: one }]) {
          await assert.rejects(ids({ v: filter }), QueryError);
        }
      } else {
        assert.deepEqual(await ids({ v: { eq: one } }), [1]);
        assert.deepEqual(await ids({ v: { in: [one, two] } }), [
          ...[1, 2, 3, 4, 5, 6],
        ]);
        assert.deepEqual(await ids({ v: { notIn: [two] } }), [1]);
        assert.deepEqual(await ids({ v: { ne: two } }), [1]);
      }
      if (part !== undefined) {
        assert.deepEqual(await ids({ v: { contains: part } }), [1]);
      }
      if (kind.def.type === "string") {
        assert.equal((await ids({ v: { like: "%" } })).length, 6);
      }
      assert.deepEqual(
        (await things.findAll({ filterBy: { id: 1 } }))[0].v,
        one,
      );
    },
    // One database holds the types of the tests.
    isUser ? ["pglite", "postgresql 15"] : undefined,
  );
}

for (
  const [kind, sqlType, problem] of [
    [z.int32(), "inet", /cannot hold its values/],
    [z.int32(), "bigint", /cannot hold its values/],
    [z.boolean(), "integer", /cannot hold its values/],
    [z.date(), "text", /cannot hold its values/],
    [z.array(z.int32()), "integer", /holds no array/],
    [z.array(z.date()), "integer[]", /cannot hold its values/],
    [z.int32(), "integer[]", /is an array/],
    [z.json(), "text", /cannot hold its values/],
    [z.enum({ A: 1 }), undefined, /an enum has strings as values/],
  ] as const
) {
  Deno.test(`a model with ${sqlType} for z.${kind.def.type} is refused`, () => {
    assert.throws(
      () =>
        defineModel("thing", {
          fields: z.object({
            v: sqlType === undefined ? kind : kind.meta({ sqlType }),
          }),
        }),
      (error) => error instanceof ModelError && problem.test(error.message),
    );
  });
}

const LONG = "abcd";
for (
  const sqlType of [
    "varchar(3)",
    "char(3)",
    "public.test_three",
    "varchar(3)[]",
  ]
) {
  const isArray = sqlType.endsWith("[]");
  const kind = isArray ? z.array(z.string()) : z.string();
  const Thing = defineModel("thing", {
    fields: z.object({
      id: z.int32(),
      v: (kind as z.ZodType).nullable().meta({ sqlType }),
    }),
    primaryKey: ["id"],
  });
  testTables(
    `a text that is longer than ${sqlType} is an error of every write, and never cut off`,
    [Thing],
    [
      "drop domain if exists public.test_three cascade",
      "create domain public.test_three as varchar(3)",
      `create table thing (id int primary key, v ${sqlType})`,
    ],
    async ({ db, run }) => {
      // deno-lint-ignore no-explicit-any -- the type of the field varies
      const things: any = db.query(Thing);
      const v = isArray ? [LONG] : LONG;
      await things.bulkInsert([{ id: 1 }]);
      for (
        const write of [
          () => things.insert({ id: 2, v }),
          () => things.bulkInsert([{ id: 2, v }]),
          () => things.bulkInsert([{ id: 1, v }, { id: 2, v }]),
          () => things.bulkUpsert([{ id: 2, v }]),
          () => things.bulkUpsert([{ id: 1, v }]),
          () => things.getOrCreate({ filterBy: { id: 2 }, v }),
          () => things.updateAll({ filterBy: { id: 1 }, set: { v } }),
          () => things.bulkUpdate([{ id: 1, v }]),
        ]
      ) {
        await assert.rejects(write, /value too long for type/, String(write));
      }
      assert.deepEqual(await run("select * from thing"), [{ id: 1, v: null }]);
    },
    ["postgresql", "pglite"],
  );
}
