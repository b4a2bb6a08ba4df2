// Rows that a trigger refuses with an error are set aside; the others are written.
import {
  createWriter,
  defineModel,
  type RejectedRow,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { testTables } from "../support/made_tables.ts";

const Reading = defineModel("reading", {
  fields: z.object({ id: z.int32(), value: z.int32() }),
  primaryKey: ["id"],
});

testTables(
  "a row that a trigger refuses is set aside with the text of the trigger",
  [Reading],
  [
    "create table reading (id int primary key, value int not null)",
    "create function f() returns trigger language plpgsql as $$ begin if new.value < 0 then raise exception 'no value below 0'; end if; return new; end $$",
    "create trigger g before insert on reading for each row execute function f()",
  ],
  async ({ db }) => {
    const rejected: RejectedRow[] = [];
    await using writer = createWriter(db, {
      onRejected: (row) => rejected.push(row),
    });
    writer.insert(Reading, [1, 2, -3, 4].map((value, id) => ({ id, value })));
    const { inserted, rejected: count } = await writer.flush();
    assert.deepEqual([inserted, count], [3, 1]);
    assert.deepEqual(
      rejected.map(({ index, problems }) => [index, problems[0]?.field]),
      [[2, "the row"]],
    );
    assert.match(rejected[0]?.problems[0]?.reason ?? "", /no value below 0/);
    assert.equal(await db.query(Reading).count(), 3);
  },
);
