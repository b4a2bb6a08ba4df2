// Relations between columns of different types and collations.
import { defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { sqlEngines } from "../../support/engines.ts";

const Parent = defineModel("parent", {
  fields: z.object({
    id: z.int32(),
    code: z.string(),
    sign: z.string().meta({ collation: "ucs_basic" }).nullable(),
    uid: z.uuid(),
    note: z.string().meta({ sqlType: "text" }),
  }),
  primaryKey: ["id"],
  relations: {
    by_number: { kind: "many", model: "child", on: { id: "number" } },
    by_code: { kind: "many", model: "child", on: { code: "code" } },
    by_uid: { kind: "many", model: "child", on: { uid: "uid" } },
    by_sign: { kind: "many", model: "child", on: { sign: "sign" } },
    by_note: { kind: "many", model: "child", on: { note: "note" } },
    by_both: {
      kind: "many",
      model: "child",
      on: { id: "number", code: "code" },
    },
  },
});
const Child = defineModel("child", {
  fields: z.object({
    id: z.int32(),
    number: z.int64().nullable(),
    code: z.string().meta({ collation: "ucs_basic" }),
    sign: z.string().meta({ collation: "C" }).nullable(),
    uid: z.string(),
    note: z.string().meta({ sqlType: "varchar(20)" }).nullable(),
  }),
  primaryKey: ["id"],
});
const UID = "0b0c0ffe-0000-4000-8000-000000000001";

for (const { name, open } of sqlEngines) {
  Deno.test({
    name:
      `${name}: related rows are found by columns of other types and collations`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using db = await open([Parent, Child]);
      await db.createDb();
      const parents = db.query(Parent);
      await parents.bulkInsert([
        { id: 1, code: "a", sign: "+", uid: UID, note: "x" },
        { id: 2, code: "b", uid: UID.replace("1", "2"), note: "y" },
      ]);
      await db.query(Child).bulkInsert([
        { id: 1, number: 1n, code: "a", sign: "+", uid: UID, note: "x" },
        { id: 2, number: 1n << 40n, code: "A", uid: "other", note: null },
      ]);
      for (
        const relation of ["number", "code", "sign", "uid", "note", "both"]
      ) {
        const filterBy: object = { [`by_${relation}`]: { some: {} } };
        const rows = await parents.findAll({ filterBy });
        assert.deepEqual(rows.map(({ id }) => id), [1], relation);
      }
      await db.dropDb();
    },
  });
}
