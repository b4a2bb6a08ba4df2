// The error of a table that the server does not create names the table and the part of the model.
import { connect, DatabaseError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import { model } from "../../support/plan_cases.ts";

const ENTRY = { ENGINE: "pglite", DB_NAME: "memory://" };
const key = { primaryKey: ["id"] };

for (
  const [name, wrong, message] of [
    [
      "a check with a syntax error",
      model("d", {}, { ...key, checks: [{ name: "c", sql: "id >> 0 0" }] }),
      'Cannot create the table d: syntax error at or near "0" (check c: id >> 0 0)',
    ],
    [
      "a check of a column that does not exist",
      model("d", {}, {
        ...key,
        checks: [{ name: "a", sql: "id > 0" }, { name: "c", sql: "mag > 0" }],
      }),
      'Cannot create the table d: column "mag" does not exist (check c: mag > 0)',
    ],
    [
      "a default with a syntax error",
      model("d", { t: z.date().meta({ sqlDefault: "now() +" }) }, key),
      'Cannot create the table d: syntax error at or near "not" (column "t" timestamp with time zone default now() + not null)',
    ],
    [
      "an index of an expression with a syntax error",
      model("d", {}, {
        ...key,
        indexes: [{ name: "i", fields: [{ sql: "id id" }] }],
      }),
      'Cannot run create index "i" on "d" using "btree" ((id id)): syntax error at or near "id"',
    ],
  ] as const
) {
  test(`createDb with ${name} names the table and the reason`, async () => {
    await using db = await connect(ENTRY, { models: [wrong] });
    await assert.rejects(db.createDb(), (error) => {
      assert.ok(error instanceof DatabaseError, String(error));
      assert.equal(error.message, message);
      return true;
    });
  });
}
