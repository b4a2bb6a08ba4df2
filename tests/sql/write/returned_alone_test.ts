// Bulk writes of few rows that return rows: one statement if nothing can undo it, or else a transaction.
import {
  defineModel,
  DuplicateKeyError,
  increment,
  serial,
  SQLConnection,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import { freshSchema, postgresSettings } from "../../support/engines.ts";
import { testTables } from "../../support/made_tables.ts";

const Night = defineModel("night", {
  fields: z.object({
    id: serial(z.int32()),
    site: z.string(),
    seeing: z.float64().nullable(),
    made: z.string().optional().meta({ sqlDefault: "'server'" }),
  }),
  primaryKey: ["id"],
  unique: [["site"]],
});

test("few rows are written and returned by one statement if their values are known", async () => {
  const statements: string[] = [];
  const db = new SQLConnection({ models: [Night] });
  await db.connect({ ...postgresSettings(), SCHEMA: freshSchema() }, {
    onQuery: ({ text }) => void statements.push(text.split(" ")[0] ?? ""),
  });
  await db.createDb();
  const nights = db.query(Night);
  /** Returns the result of a write, after a check of how it was sent. */
  const sent = async <T>(isAlone: boolean, write: Promise<T>): Promise<T> => {
    const result = await write;
    assert.equal(statements.includes("begin"), !isAlone, statements.join());
    statements.length = 0;
    return result;
  };
  statements.length = 0;
  const a = { id: 101, site: "a", seeing: 1 };
  const b = { id: 102, site: "b", seeing: 2 };
  assert.deepEqual(
    await sent(true, nights.bulkInsert([a], { returning: ["id", "site"] })),
    { inserted: 1, ignored: 0, rows: [{ id: 101, site: "a" }] },
  );
  assert.deepEqual(
    await sent(true, nights.bulkInsert([b, a], { returning: ["site"] })),
    { inserted: 1, ignored: 1, rows: [{ site: "b" }] },
  );
  assert.deepEqual(
    await sent(
      true,
      nights.bulkInsert([{ site: "z" }], {
        onConflict: "error",
        returning: ["id"],
      }),
    ),
    { inserted: 1, ignored: 0, rows: [{ id: 1 }] },
  );
  const conflict = ["site"] as const;
  assert.deepEqual(
    await sent(
      true,
      nights.bulkUpsert([
        { ...b, seeing: 3 },
        a,
        { id: 103, site: "c", seeing: null },
      ], { conflict, returning: ["seeing", "site"] }),
    ),
    {
      inserted: 1,
      updated: 1,
      unchanged: 1,
      rows: [{ seeing: 3, site: "b" }, { seeing: null, site: "c" }],
    },
  );
  assert.deepEqual(
    await sent(
      true,
      nights.bulkUpsert([{ site: "d", seeing: 4 }], { returning: ["id"] }),
    ),
    { inserted: 1, updated: 0, unchanged: 0, rows: [{ id: 2 }] },
  );
  // The database holds these values already, or computes them: they may be such that no row can have them.
  await sent(
    false,
    nights.bulkUpsert([{ ...a, seeing: 5 }], { conflict, returning: ["made"] }),
  );
  await sent(
    false,
    nights.bulkInsert([{ id: 104, site: "e" }], { returning: ["made"] }),
  );
  assert.deepEqual(
    await sent(
      false,
      nights.bulkUpsert([{ ...a, seeing: 4 }], {
        conflict,
        merge: { seeing: "greatest" },
        returning: ["seeing"],
      }),
    ),
    { inserted: 0, updated: 0, unchanged: 1, rows: [] },
  );
  assert.deepEqual(
    await sent(
      true,
      nights.bulkUpdate(
        [{ id: 102, seeing: 7 }, { id: 999, seeing: 0 }, {
          id: 101,
          seeing: 6,
        }],
        { returning: ["seeing"] },
      ),
    ),
    { updated: 2, missing: 1, rows: [{ seeing: 7 }, { seeing: 6 }] },
  );
  assert.deepEqual(
    await sent(
      false,
      nights.bulkUpdate([{ id: 101, seeing: 8 }], {
        returning: ["id", "site"],
      }),
    ),
    { updated: 1, missing: 0, rows: [{ id: 101, site: "a" }] },
  );
  assert.deepEqual(
    await sent(
      false,
      nights.bulkUpdate([{ id: 101, seeing: increment(1) }], {
        returning: ["seeing"],
      }),
    ),
    { updated: 1, missing: 0, rows: [{ seeing: 9 }] },
  );
  // An error of the statement has no rows, and a later call is not affected.
  await assert.rejects(
    nights.bulkUpdate([{ id: 101, site: "q" }, { id: 102, site: "q" }], {
      returning: ["site"],
    }),
    DuplicateKeyError,
  );
  statements.length = 0;
  assert.deepEqual(
    await sent(
      true,
      nights.bulkUpdate([{ id: 101, site: "q" }], { returning: ["site"] }),
    ),
    { updated: 1, missing: 0, rows: [{ site: "q" }] },
  );
  await sent(
    false,
    db.transaction((tx) =>
      tx.query(Night).bulkInsert([{ site: "f" }], { returning: ["id"] })
    ),
  );
  await db.dropDb();
  await db.close();
});

testTables(
  "an update whose trigger changes values returns the stored ones",
  [Night],
  [
    "create table night (id int primary key, site text not null unique, seeing float8, made text default 'server')",
    "create function halve() returns trigger language plpgsql as $$ begin new.seeing = new.seeing / 2; return new; end $$",
    "create trigger halve before update on night for each row execute function halve()",
  ],
  async ({ db }) => {
    const nights = db.query(Night);
    await nights.bulkInsert([{ id: 1, site: "a" }, { id: 2, site: "b" }]);
    const { rows } = await nights.bulkUpdate(
      [{ id: 2, seeing: 4 }, { id: 1, seeing: 2 }],
      { returning: ["id", "seeing"] },
    );
    assert.deepEqual(rows.map((row) => ({ ...row })), [
      { id: 2, seeing: 2 },
      { id: 1, seeing: 1 },
    ]);
  },
);
