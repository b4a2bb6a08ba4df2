// Keys that differ in JavaScript and are one value to their column.
import { defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { testTables } from "../../support/made_tables.ts";

type Kind = z.ZodType & { meta(meta: object): z.ZodType };
const date = (text: string) => new Date(text);

/** The column type, the field, and two values that are one value to the column. */
const KEYS: readonly [string, Kind, unknown, unknown][] = [
  ["date", z.date(), date("2024-05-01T03:00Z"), date("2024-05-01T21:00Z")],
  ["numeric(10,2)", z.float64(), 1.001, 1.002],
  ["char(8)", z.string(), "ab", "ab  "],
  ["varchar(8)", z.string(), "12345678", "12345678  "],
  [
    "timestamptz(0)",
    z.date(),
    date("2024-05-01T03:00:00.100Z"),
    date("2024-05-01T03:00:00.200Z"),
  ],
  [
    "timestamp(1)",
    z.date(),
    date("2024-05-01T03:00:00.110Z"),
    date("2024-05-01T03:00:00.120Z"),
  ],
  ["real", z.float64(), 0.1, 0.10000000001],
  ["inet", z.string(), "::1", "0:0:0:0:0:0:0:1"],
  ["interval", z.string(), "24:00:00", "1 day"],
  [
    "uuid",
    z.string(),
    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
  ],
  ["money_text", z.string(), "12345678", "12345678   "],
];

for (const isDeclared of [true, false]) {
  for (const [type, kind, one, two] of KEYS) {
    // A filter takes an undeclared column as timestamptz.
    if (type === "date" && !isDeclared) continue;
    const meta = isDeclared ? { sqlType: type } : {};
    // Without a declared type, the text of an inet is only known to the catalogs.
    const Thing = defineModel("thing", {
      fields: z.object({
        k: kind.meta(meta),
        v: z.int32().nullable(),
        w: z.int32().nullable(),
      }) as z.ZodObject<{ k: z.ZodType; v: z.ZodType; w: z.ZodType }>,
      primaryKey: ["k"],
      relations: {
        parts: { kind: "many", model: "part", on: { k: "k" } },
      },
    });
    const Part = defineModel("part", {
      fields: z.object({
        id: z.int32(),
        k: kind.meta(meta),
      }) as z.ZodObject<{ id: z.ZodType; k: z.ZodType }>,
      primaryKey: ["id"],
    });
    testTables(
      `all writes agree on keys of ${type}${
        isDeclared ? "" : " that the model does not declare"
      }`,
      [Thing, Part],
      [
        "create domain money_text as varchar(8)",
        `create table thing (k ${type} primary key, v int, w int)`,
        `create table part (id int primary key, k ${type})`,
      ],
      async ({ db, run }) => {
        // deno-lint-ignore no-explicit-any -- the type of the key varies
        const things: any = db.query(Thing);
        const value = async () => (await run("select v, w from thing"));
        assert.deepEqual(
          await things.bulkUpsert([{ k: one, v: 1 }, { k: two, v: 2 }]),
          { inserted: 1, updated: 0, unchanged: 1 },
        );
        assert.deepEqual(await value(), [{ v: 2, w: null }]);
        assert.deepEqual(
          await things.bulkUpsert([
            { k: one, v: 3 },
            { k: two, v: 4, w: 4 },
            { k: one, v: 5 },
          ]),
          { inserted: 0, updated: 3, unchanged: 0 },
        );
        assert.deepEqual(await value(), [{ v: 5, w: 4 }]);
        assert.equal(await things.deleteAll({ filterBy: { k: two } }), 1);
        assert.deepEqual(
          await things.bulkInsert([{ k: one, v: 1 }, { k: two, v: 2 }]),
          { inserted: 1, ignored: 1 },
        );
        assert.deepEqual(await value(), [{ v: 1, w: null }]);
        const [, created] = await things.getOrCreate({ filterBy: { k: two } });
        assert.equal(created, false);
        assert.deepEqual(
          await things.bulkUpdate([
            { k: one, v: 6 },
            { k: two, v: 7, w: 7 },
            { k: two, v: 8 },
            { k: one, v: 9 },
          ]),
          { updated: 4, missing: 0 },
        );
        assert.deepEqual(await value(), [{ v: 9, w: 7 }]);
        const [row] = await things.findAll();
        things.update(row, { v: 10 });
        things.update({ k: two }, { w: 11 });
        assert.equal((await db.session.commit()).updated, 2);
        assert.deepEqual(await value(), [{ v: 10, w: 11 }]);
        await db.query(Part).bulkInsert([{ id: 1, k: two }]);
        const [whole] = await things.findAll({ include: ["parts"] });
        assert.equal(whole.parts.length, 1);
        things.delete(row);
        things.delete({ k: two });
        assert.equal((await db.session.commit()).deleted, 2);
        assert.deepEqual(await value(), []);
      },
    );
  }
}
