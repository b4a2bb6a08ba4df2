// Rows of a table that refers to itself: one that follows its parent in the call is written after it.
import { defineModel, ForeignKeyError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { testTables } from "../../support/made_tables.ts";

const Node = defineModel("node", {
  fields: z.object({
    id: z.int32(),
    parent: z.int32().nullable(),
    name: z.string().default("none").meta({ sqlDefault: "'none'" }),
    note: z.string().nullable(),
  }),
  primaryKey: ["id"],
  foreignKeys: [{
    fields: ["parent"],
    references: { table: "node", fields: ["id"] },
  }],
});
const TABLE = [
  "create table node (id int primary key, parent int references node, name text not null default 'none', note text)",
];
/** More rows than one statement writes. */
const MANY = 1_100;

testTables(
  "rows with different fields follow the rows that they refer to",
  [Node],
  TABLE,
  async ({ db }, engine) => {
    const nodes = db.query(Node);
    for (const length of engine === "pglite" ? [9] : [9, MANY]) {
      // A binary tree, in which every third row has other fields.
      const rows = Array.from({ length }, (_, id) => ({
        id,
        parent: id === 0 ? null : (id - 1) >> 1,
        ...id % 3 === 1 ? {} : { name: `n${id}` },
        ...id % 3 === 2 ? { note: "x" } : {},
      }));
      const all = { inserted: length, updated: 0, unchanged: 0 };
      assert.deepEqual(await nodes.bulkUpsert(rows), all);
      assert.equal(await nodes.deleteAll({ filterBy: {}, all: true }), length);
      assert.deepEqual(
        await nodes.bulkInsert(rows),
        { inserted: length, ignored: 0 },
      );
      await assert.rejects(
        nodes.bulkUpsert([...rows, { id: -1, parent: -2 }]),
        ForeignKeyError,
      );
      await nodes.deleteAll({ filterBy: {}, all: true });
    }
  },
);
