// Columns whose types the model does not declare, and columns of json.
import { DatabaseError, defineModel, SchemaError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { testTables } from "../../support/made_tables.ts";

const Note = defineModel("note", {
  fields: z.object({
    id: z.int32(),
    body: z.json().nullable(),
    text: z.json().nullable().meta({ sqlType: "json" }),
    days: z.array(z.date()).nullable(),
    mag: z.float64().nullable(),
  }),
  primaryKey: ["id"],
});
const TABLE =
  "create table note (id int primary key, body json, text json, days date[], mag numeric)";

testTables(
  "an upsert of the value that a json column holds changes nothing, however it is written",
  [Note],
  [
    TABLE,
    `insert into note values (1, '{"b":  1,"a":[1,  2]}', '{"b":  1,"a":[1,  2]}'), (2, '"\\u0000"', '"\\ud83d\\ude00"')`,
  ],
  async ({ db }) => {
    const notes = db.query(Note);
    const value = { a: [1, 2], b: 1 };
    for (
      const { given, changed } of [
        { given: { id: 1, body: value, text: value }, changed: false },
        { given: { id: 1, body: { a: [1, 2], b: 2 } }, changed: true },
        { given: { id: 1, text: { a: [2, 1], b: 1 } }, changed: true },
        { given: { id: 2, body: null }, changed: true },
        { given: { id: 2, body: null, text: "😀" }, changed: true },
        { given: { id: 2, body: null, text: "😀" }, changed: false },
      ]
    ) {
      assert.deepEqual(
        await notes.bulkUpsert([given]),
        changed
          ? { inserted: 0, updated: 1, unchanged: 0 }
          : { inserted: 0, updated: 0, unchanged: 1 },
        JSON.stringify(given),
      );
    }
    const [row] = await notes.findAll({ filterBy: { id: 1 } });
    assert.deepEqual(row?.body, { a: [1, 2], b: 2 });
  },
);

testTables(
  "an operator that the real type of a column lacks is an error that says how to declare it",
  [Note],
  [TABLE],
  async ({ db }) => {
    await assert.rejects(
      db.query(Note).findAll({
        filterBy: { days: { eq: [new Date("2024-01-02")] } },
      }),
      (error) =>
        error instanceof DatabaseError &&
        /operator does not exist.*declare it: meta\({ sqlType: "date\[\]" }\)/
          .test(error.message),
    );
  },
);

testTables(
  "a number beyond a double does not stop a filter, and the error of its read names the field",
  [Note],
  [TABLE, "insert into note (id, mag) values (1, 1e400), (2, 1)"],
  async ({ db }) => {
    const notes = db.query(Note);
    for (const mag of [{ eq: 1 }, { lt: 2 }, { in: [1, 2] }]) {
      const rows = await notes.findAll({ filterBy: { mag } });
      assert.deepEqual(rows.map(({ id }) => id), [2]);
    }
    await assert.rejects(
      notes.findAll(),
      (error) =>
        error instanceof SchemaError && error.model === "note" &&
        error.field === "mag" && /with id 1/.test(error.message),
    );
  },
);
