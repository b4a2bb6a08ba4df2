// Rows that updateAll and deleteAll return from tables with triggers, rules, and values that cannot be read.
import {
  type Connection,
  DatabaseError,
  defineModel,
  SchemaError,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { testTables } from "../../support/made_tables.ts";

const Star = defineModel("star", {
  fields: z.object({
    id: z.int32(),
    name: z.string().nullable(),
    tags: z.array(z.int32()).nullable(),
  }),
  primaryKey: ["id"],
});

const TABLE = [
  "create table star (id int primary key, name varchar, tags int[])",
  "insert into star values (2, 'b', '{1}'), (1, 'a', '{2}'), (3, 'c', null)",
];

testTables(
  "updateAll and deleteAll return the rows that a trigger changed, and not those that it discarded",
  [Star],
  [
    ...TABLE,
    "create function f() returns trigger language plpgsql as $$ begin if old.id = 2 then return null; end if; if tg_op = 'DELETE' then return old; end if; new.name := new.name || '!'; return new; end $$",
    "create trigger g before update or delete on star for each row execute function f()",
  ],
  async ({ db }) => {
    const stars = db.query(Star);
    const { updated, rows } = await stars.updateAll({
      filterBy: {},
      set: { name: "x" },
      returning: ["id", "name"],
    });
    assert.equal(updated, 2);
    assert.deepEqual(rows.map((row) => ({ ...row })), [
      { id: 1, name: "x!" },
      { id: 3, name: "x!" },
    ]);
    const gone = await stars.deleteAll({
      filterBy: {},
      all: true,
      returning: ["id"],
    });
    assert.deepEqual(gone.rows.map(({ id }) => id), [1, 3]);
    assert.equal(await stars.count(), 1);
  },
);

testTables(
  "updateAll and deleteAll write nothing if a row to return cannot be read",
  [Star],
  [...TABLE, "update star set tags = '{1,NULL}' where id = 2"],
  async ({ db }) => {
    const isExplained = (error: unknown): boolean => {
      assert.ok(error instanceof SchemaError, String(error));
      assert.match(error.message, /^Cannot read star with id 2: tags holds/);
      assert.doesNotMatch(error.message, /do not repeat/);
      assert.equal(error.outcome, "not applied");
      return true;
    };
    const names = async () =>
      (await db.query(Star).findAll({
        select: ["name"],
        orderBy: { id: "asc" },
      })).map(({ name }) => name);
    const calls = (to: Pick<Connection, "query">) => [
      () =>
        to.query(Star).updateAll({
          filterBy: {},
          set: { name: "x" },
          returning: ["id", "tags"],
        }),
      () =>
        to.query(Star).deleteAll({
          filterBy: { id: { gte: 2 } },
          returning: ["id", "tags"],
        }),
    ];
    for (const call of calls(db)) await assert.rejects(call, isExplained);
    assert.deepEqual(await names(), ["a", "b", "c"]);
    await db.transaction(async (tx) => {
      await tx.query(Star).updateAll({
        filterBy: { id: 1 },
        set: { name: "d" },
      });
      for (const call of calls(tx)) await assert.rejects(call, isExplained);
    });
    assert.deepEqual(await names(), ["d", "b", "c"]);
  },
);

testTables(
  "updateAll with returning on a table with a rule throws, and writes nothing",
  [Star],
  [
    ...TABLE,
    "create rule r as on update to star where new.name = 'x' do instead nothing",
  ],
  async ({ db }) => {
    const stars = db.query(Star);
    await assert.rejects(
      stars.updateAll({
        filterBy: {},
        set: { name: "y" },
        returning: ["id"],
      }),
      (error) => error instanceof DatabaseError && error.code === "0A000",
    );
    assert.equal(await stars.count({ filterBy: { name: "y" } }), 0);
  },
);
