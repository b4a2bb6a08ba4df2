// Triggers and rules that a table gets while connections use it.
import {
  DatabaseError,
  defineModel,
  DiscardedRowError,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { testTables } from "../../support/made_tables.ts";

const Star = defineModel("star", {
  fields: z.object({ id: z.int32(), mag: z.float64().nullable() }),
  primaryKey: ["id"],
});
const TABLE = "create table star (id int primary key, mag float8)";

function rows(count: number, from: number): { id: number; mag: number }[] {
  return Array.from(
    { length: count },
    (_, index) => ({ id: from + index, mag: index }),
  );
}

testTables(
  "bulkUpdate and commit notice a new trigger that discards changes",
  [Star],
  [TABLE],
  async ({ db, run }) => {
    const stars = db.query(Star);
    await stars.bulkInsert([{ id: 1, mag: 1 }, { id: 2, mag: 2 }]);
    const same = [{ id: 1, mag: 1 }];
    assert.deepEqual(await stars.bulkUpdate(same), { updated: 1, missing: 0 });
    await run(
      "create function f() returns trigger language plpgsql as $$ begin if old.id = 1 then return null; end if; return coalesce(new, old); end $$",
    );
    await run(
      "create trigger g before update or delete on star for each row execute function f()",
    );
    const changes = [{ id: 1, mag: 5 }, { id: 2, mag: 6 }, { id: 9, mag: 7 }];
    const counts = { updated: 1, missing: 1, unchanged: 1 };
    assert.deepEqual(await stars.bulkUpdate(changes), counts);

    for (const event of ["update", "delete"] as const) {
      await run("alter table star disable trigger g");
      assert.deepEqual(await stars.bulkUpdate(same.concat({ id: 9, mag: 1 })), {
        updated: 1,
        missing: 1,
      });
      const [row] = await stars.findAll({ filterBy: { id: 1 } });
      assert.ok(row);
      await run("alter table star enable trigger g");
      if (event === "update") stars.update(row, { mag: 8 });
      else stars.delete(row);
      await assert.rejects(db.session.commit(), DiscardedRowError);
      db.session.rollback();
    }

    await run("alter table star disable trigger g");
    await stars.bulkUpdate([{ id: 9, mag: 1 }]);
    await run("alter table star enable trigger g");
    await db.transaction(async (tx) => {
      assert.deepEqual(await tx.query(Star).bulkUpdate(changes), counts);
    });
    await run("alter table star disable trigger g");
    await stars.bulkUpdate([{ id: 9, mag: 1 }]);
    await run("alter table star enable trigger g");
    assert.deepEqual(
      await stars.bulkUpdate([
        [{ mag: 1 }, { mag: 5 }],
        [{ id: 9 }, { mag: 5 }],
      ]),
      { updated: 0, missing: 1, unchanged: 1 },
    );
  },
  ["postgresql"],
);

testTables(
  "no bulk insert goes past a new rule on inserts",
  [Star],
  [TABLE, "create table other (id int, mag float8)"],
  async ({ db, run }) => {
    const stars = db.query(Star);
    await stars.bulkInsert(rows(500, 1));
    await run(
      "create rule r as on insert to star do instead insert into other values (new.*)",
    );
    await assert.rejects(
      stars.bulkInsert(rows(500, 1_000)),
      (error) => error instanceof DatabaseError && /rules/.test(error.message),
    );
    for (const onConflict of ["ignore", "error"] as const) {
      await stars.bulkInsert(rows(500, 1_000), { onConflict });
    }
    assert.equal(await stars.count(), 500);
    assert.deepEqual(await run("select count(*)::int as n from other"), [
      { n: 1_000 },
    ]);
  },
  ["postgresql"],
);
