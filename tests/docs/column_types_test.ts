// Every `sqlType` in docs/models.md can be written, read, and compared as the page says.
import { bytes, defineModel, SQLConnection } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { postgresSettings } from "../support/engines.ts";
import { createDatabase } from "./database.ts";
import { readPage, sectionOf } from "./pages.ts";

/** Types and values by the first column of the table. */
const FIELDS: Readonly<Record<string, readonly [z.ZodType, unknown]>> = {
  "z.int32()": [z.int32(), 5],
  "z.int64()": [z.int64(), 5n],
  "z.float32()": [z.float32(), 2],
  "z.float64()": [z.float64(), 2],
  "z.string()": [z.string(), "abc"],
  "z.enum()": [z.enum(["a", "b"]), "a"],
  "z.date()": [z.date(), new Date("2026-01-02T00:00:00Z")],
  "z.uuid()": [z.uuid(), "6f9619ff-8b86-d011-b42d-00c04fc964ff"],
  "z.boolean()": [z.boolean(), true],
  "bytes()": [bytes(), Uint8Array.of(0, 255)],
  JSON: [z.json(), { a: [1] }],
};
/** Arrays by their column types. */
const ARRAYS: Readonly<Record<string, readonly [z.ZodType, unknown]>> = {
  "date[]": [z.array(z.date()), [new Date("2026-01-02T00:00:00Z")]],
  "numeric[]": [z.array(z.float64()), [1.5]],
  jsonb: [z.array(z.string()), ["a"]],
};

async function casesOf(): Promise<
  (readonly [sqlType: string, type: z.ZodType, value: unknown])[]
> {
  const page = await readPage("docs/models.md");
  const rows = [
    ...sectionOf(page, "Column types").matchAll(
      /^\| ((?:`z|`b|JSON).*?) +\| (.*?) +\|$/gm,
    ),
  ];
  assert.equal(rows.length, 11);
  return rows.flatMap(([, fields = "", types = ""]) =>
    [...types.matchAll(/`([^`]+)`/g)].flatMap(([, sqlType = ""]) =>
      (fields.match(/z\.\w+\(\)|bytes\(\)|JSON/g) ?? []).map((field) => {
        const known = field === "z.array()" ? ARRAYS[sqlType] : FIELDS[field];
        assert.ok(known, `${field} ${sqlType}`);
        return [sqlType, ...known] as const;
      })
    )
  );
}

Deno.test("every listed column type works in writes, reads, and filters", async () => {
  const cases = await casesOf();
  assert.ok(cases.length > 30);
  const DB_NAME = await createDatabase("create extension citext");
  const columns = cases.map(([sqlType, type], index) =>
    [`c${index}`, type.nullable().meta({ sqlType })] as const
  );
  const Types = defineModel("types", {
    fields: z.object({ id: z.int32(), ...Object.fromEntries(columns) }),
    primaryKey: ["id"],
  });
  const values = Object.fromEntries(
    cases.map(([, , value], index) => [`c${index}`, value]),
  );
  await using db = new SQLConnection({ models: [Types] });
  await db.connect({ ...postgresSettings(), DB_NAME });
  await db.createDb();
  const query = db.query(Types);
  await query.bulkInsert([{ id: 1, ...values }]);
  await query.getOrCreate({ filterBy: { id: 2 }, ...values });
  await query.bulkUpsert([{ id: 1, ...values }, { id: 3, ...values }]);
  await query.bulkUpdate([{ id: 1, ...values }]);
  await query.updateAll({ filterBy: { id: 1 }, set: values });
  for (const row of await query.findAll()) {
    const { id: _, ...read } = { ...row };
    assert.deepEqual(read, values);
  }
  for (const [index, [sqlType, , value]] of cases.entries()) {
    const filterBy = { [`c${index}`]: { eq: value } };
    assert.equal(await query.count({ filterBy }), 3, sqlType);
  }
});
