// Fields with a server default are filled by the server on every write path.
import { defineModel, type InsertOf } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { sqlEngines } from "../../support/engines.ts";

const Job = defineModel("job", {
  fields: z.object({
    name: z.string(),
    tries: z.int32().nullable().meta({ sqlDefault: "7" }),
    state: z.string().meta({ sqlDefault: "'wait' || 'ing'" }),
    note: z.string().nullable(),
  }),
  primaryKey: ["name"],
});

/** Passes a row without its required server-filled field, which the type requires. */
function rows(...given: readonly object[]): InsertOf<typeof Job>[] {
  return given as InsertOf<typeof Job>[];
}

for (const engine of sqlEngines) {
  Deno.test({
    name:
      `${engine.name}: a field with a server default receives it if a write omits the field, and only then`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const db = await engine.open([Job]);
      await db.createDb();
      const query = db.query(Job);
      await query.bulkInsert(rows(
        { name: "a" },
        { name: "b", tries: 1 },
        { name: "c", state: "done", tries: null },
        { name: "d" },
      ));
      await query.bulkUpsert(rows(
        { name: "e", note: "new" },
        { name: "c", note: "old" },
        { name: "f", state: "done" },
      ));
      await query.getOrCreate({ filterBy: { name: "g" }, tries: 2 });
      await query.getOrCreate({ filterBy: { name: "h" }, note: "x" });
      await query.getOrCreate({ filterBy: { name: "i" }, state: "done" });
      const all = await query.findAll({ orderBy: { name: "asc" } });
      assert.deepEqual(
        all.map(({ name, tries, state, note }) => [name, tries, state, note]),
        [
          ["a", 7, "waiting", null],
          ["b", 1, "waiting", null],
          ["c", null, "done", "old"],
          ["d", 7, "waiting", null],
          ["e", 7, "waiting", "new"],
          ["f", 7, "done", null],
          ["g", 2, "waiting", null],
          ["h", 7, "waiting", "x"],
          ["i", 7, "done", null],
        ],
      );
      await db.dropDb();
      await db.close();
    },
  });
}
