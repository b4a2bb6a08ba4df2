// Relations by a field that can be null: a null refers to no row.
import { defineModel, QueryError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { memoryEngine } from "../memory/engine.ts";

const Survey = defineModel("survey", {
  fields: z.object({ id: z.int32(), code: z.string().nullable() }),
  primaryKey: ["id"],
  unique: [["code"]],
  relations: {
    nights: { kind: "many", model: "night", on: { code: "code" } },
  },
});
const Night = defineModel("night", {
  fields: z.object({ id: z.int32(), code: z.string() }),
  primaryKey: ["id"],
});

Deno.test("insertGraph refuses rows that refer to a null, and writes nothing", async () => {
  const db = await memoryEngine.open([Survey, Night]);
  await db.createDb();
  for (const code of [undefined, null]) {
    const graph: object = { id: 1, code, nights: [{ id: 1 }] };
    await assert.rejects(
      db.query(Survey).insertGraph(graph),
      (error) =>
        error instanceof QueryError && error.field === "code" &&
        error.message ===
          "Cannot insert nights[0]: code of the survey that it refers to is null",
    );
  }
  assert.equal(await db.query(Survey).count(), 0);
  const alone = await db.query(Survey).insertGraph({ id: 1, nights: [] });
  assert.deepEqual({ ...alone }, { id: 1, code: null, nights: [] });
  await db.close();
});
