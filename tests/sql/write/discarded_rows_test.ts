// Rows that a trigger or a rule of the table discards, changes, or moves:
// counts, returned rows and messages are true.
import {
  DatabaseError,
  defineModel,
  DiscardedRowError,
  StaleRowError,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { type MadeTables, testTables } from "../../support/made_tables.ts";

const Star = defineModel("star", {
  fields: z.object({
    id: z.int32(),
    name: z.string().nullable(),
    mag: z.float64().nullable(),
  }),
  primaryKey: ["id"],
});

const COLUMNS = "(id int primary key, name varchar, mag float8)";
const TABLE = `create table star ${COLUMNS}`;
const VIEW = [
  `create table base ${COLUMNS}`,
  "create view star as select id, name, mag, 1 as one from base",
];
const OTHER = `create table other ${COLUMNS}`;

/** A trigger for each row; `f` and `g` are its name and event. */
function trigger(event: string, body: string): string[] {
  return [
    `create function f() returns trigger language plpgsql set search_path from current as $$ begin ${body} end $$`,
    `create trigger g ${event} on star for each row execute function f()`,
  ];
}

/** Tables that discard updates of rows to a negative mag. */
const DISCARDED_UPDATES: Record<string, readonly string[]> = {
  "a trigger": [
    TABLE,
    ...trigger(
      "before update",
      "if new.mag < 0 then return null; end if; return new;",
    ),
  ],
  "a trigger that also changes keys": [
    TABLE,
    ...trigger(
      "before update",
      "if new.mag < 0 then return null; end if; new.id := new.id + 100; return new;",
    ),
  ],
  "a trigger of a partition": [
    `create table star ${COLUMNS} partition by range (id)`,
    "create table star_all partition of star for values from (0) to (1000)",
    ...trigger(
      "before update",
      "if new.mag < 0 then return null; end if; return new;",
    ).map((text) => text.replace("on star", "on star_all")),
  ],
  "a trigger of a view": [
    ...VIEW,
    ...trigger(
      "instead of update",
      "if new.mag < 0 then return null; end if; update base set mag = new.mag where id = old.id; return new;",
    ),
    "create rule i as on insert to star do instead insert into base values (new.id, new.name, new.mag) returning id, name, mag, 1",
  ],
  "a conditional rule": [
    TABLE,
    "create rule r as on update to star where new.mag < 0 do instead nothing",
  ],
};

async function fill({ db }: Pick<MadeTables, "db">): Promise<void> {
  await db.query(Star).bulkInsert([
    { id: 1, mag: 1 },
    { id: 2, mag: 2 },
    { id: 3, mag: 0 },
  ], { onConflict: "error" });
}

async function magnitudes(
  { db }: Pick<MadeTables, "db">,
): Promise<readonly unknown[]> {
  const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
  return rows.map(({ id, mag }) => [id, mag]);
}

for (const [cause, statements] of Object.entries(DISCARDED_UPDATES)) {
  testTables(
    `updates that ${cause} discards are unchanged rows, not missing ones`,
    [Star],
    statements,
    async ({ db }) => {
      await fill({ db });
      const stars = db.query(Star);
      assert.deepEqual(
        await stars.bulkUpdate([
          { id: 1, mag: -1 },
          { id: 2, mag: 5 },
          { id: 99, mag: 1 },
        ]),
        { updated: 1, missing: 1, unchanged: 1 },
      );
      const [second] = await stars.findAll({ filterBy: { mag: 5 } });
      assert.deepEqual(
        await stars.bulkUpdate([
          [{ id: [1, second?.id ?? 0], mag: { gt: 0 } }, { mag: -1 }],
          [{ id: second?.id ?? 0 }, { mag: 6 }],
          [{ id: 99 }, { mag: 1 }],
        ]),
        { updated: 1, missing: 1, unchanged: 2 },
      );
      assert.deepEqual(
        await stars.bulkUpdate([{ id: 3, mag: 4 }, { id: 98, mag: 1 }]),
        { updated: 1, missing: 1 },
      );
      assert.equal(
        await stars.updateAll({ filterBy: {}, set: { mag: -2 } }),
        0,
      );
      const [first] = await stars.findAll({ filterBy: { mag: 1 } });
      assert.equal(first?.id, 1);
    },
  );

  testTables(
    `a commit that ${cause} discards says so, and writes nothing`,
    [Star],
    statements,
    async ({ db }) => {
      await fill({ db });
      const stars = db.query(Star);
      const rows = await stars.findAll({ orderBy: { id: "asc" } });
      for (const row of rows) {
        stars.update(row, { mag: row.id === 1 ? -1 : 7 });
      }
      await assert.rejects(db.session.commit(), (error) => {
        assert.ok(error instanceof DiscardedRowError);
        assert.match(
          error.message,
          /^Cannot commit: the database did not update 1 of 3 rows of star, although it holds them: a trigger or a rule of star, or row-level security discarded the update\. Nothing was written; the session keeps its marks$/,
        );
        return true;
      });
      assert.deepEqual(await magnitudes({ db }), [[1, 1], [2, 2], [3, 0]]);
      db.session.rollback();
      const missing = { id: 99, name: null, mag: null };
      stars.update(missing, { mag: 1 });
      await assert.rejects(
        db.session.commit(),
        (error) => error instanceof StaleRowError && error.rows[0] === missing,
      );
      db.session.rollback();
    },
  );
}

/** Tables that keep rows with a positive mag when they are deleted. */
const DISCARDED_DELETES: Record<string, readonly string[]> = {
  "a trigger": [
    TABLE,
    ...trigger(
      "before delete",
      "if old.mag > 0 then return null; end if; return old;",
    ),
  ],
  "a conditional rule": [
    TABLE,
    "create rule r as on delete to star where old.mag > 0 do instead nothing",
  ],
  "a rule that updates instead": [
    TABLE,
    "create rule r as on delete to star where old.mag > 0 do instead update star set name = 'deleted' where id = old.id",
  ],
  "a trigger of a view": [
    ...VIEW,
    ...trigger(
      "instead of insert or delete",
      "if tg_op = 'INSERT' then insert into base values (new.id, new.name, new.mag); return new; end if; if old.mag > 0 then return null; end if; delete from base where id = old.id; return old;",
    ),
  ],
};

for (const [cause, statements] of Object.entries(DISCARDED_DELETES)) {
  testTables(
    `deletes that ${cause} discards are not counted, and fail a commit`,
    [Star],
    statements,
    async ({ db }) => {
      await fill({ db });
      const stars = db.query(Star);
      for (const row of await stars.findAll()) stars.delete(row);
      await assert.rejects(db.session.commit(), (error) => {
        assert.ok(error instanceof DiscardedRowError);
        assert.match(error.message, /did not delete 2 of 3 rows of star/);
        return true;
      });
      assert.equal(await stars.count(), 3);
      db.session.rollback();
      assert.equal(await stars.deleteAll({ filterBy: {}, all: true }), 1);
      assert.equal(await stars.count(), 2);
    },
  );
}

testTables(
  "rows that a rule inserts or does not insert are counted, and getOrCreate finds them",
  [Star],
  [
    TABLE,
    "create rule r as on insert to star where new.mag < 0 do instead nothing",
  ],
  async ({ db }) => {
    const stars = db.query(Star);
    await fill({ db });
    assert.deepEqual(
      await stars.bulkInsert([{ id: 1, mag: 5 }, { id: 4, mag: -1 }, {
        id: 5,
        mag: 5,
      }]),
      { inserted: 1, ignored: 2 },
    );
    assert.deepEqual(
      await stars.bulkUpsert([
        { id: 1, mag: 6 },
        { id: 2, mag: 2 },
        { id: 4, mag: -1 },
        { id: 6, mag: 6 },
      ]),
      { inserted: 1, updated: 1, unchanged: 2 },
    );
    const [row, created] = await stars.getOrCreate({ filterBy: { id: 1 } });
    assert.deepEqual([row.mag, created], [6, false]);
    for (
      const write of [
        () => stars.getOrCreate({ filterBy: { id: 7 }, mag: 1 }),
        () => stars.insert({ id: 7, mag: 1 }),
      ]
    ) {
      await assert.rejects(
        write,
        (error) =>
          error instanceof DiscardedRowError &&
          /a rule of star \(ON INSERT DO INSTEAD\).*Add RETURNING to the rule/
            .test(error.message),
      );
    }
    assert.deepEqual(await magnitudes({ db }), [
      [1, 6],
      [2, 2],
      [3, 0],
      [5, 5],
      [6, 6],
    ]);
  },
);

const RULES: Record<string, readonly string[]> = {
  "a table with rules that also write": [
    TABLE,
    `create table log ${COLUMNS.replace(" primary key", "")}`,
    "create rule i as on insert to star do also insert into log values (new.id, new.name, new.mag)",
    "create rule u as on update to star do also insert into log values (new.id, new.name, new.mag)",
  ],
  "a view with rules": [
    ...VIEW,
    "create rule i as on insert to star do instead insert into base values (new.id, new.name, new.mag) returning id, name, mag, 1",
    "create rule u as on update to star do instead update base set name = new.name, mag = new.mag where id = old.id returning id, name, mag, 1",
    "create rule d as on delete to star do instead delete from base where id = old.id returning id, name, mag, 1",
  ],
};

for (const [name, statements] of Object.entries(RULES)) {
  testTables(
    `each write has its usual result on ${name}`,
    [Star],
    statements,
    async ({ db }) => {
      await fill({ db });
      const stars = db.query(Star);
      assert.deepEqual(
        await stars.bulkInsert([{ id: 1, mag: 9 }, { id: 4, mag: 4 }]),
        { inserted: 1, ignored: 1 },
      );
      assert.deepEqual(
        await stars.bulkUpsert([
          { id: 1, mag: 5 },
          { id: 2, mag: 2 },
          { id: 5, mag: 5 },
        ]),
        { inserted: 1, updated: 1, unchanged: 1 },
      );
      assert.deepEqual(
        await stars.bulkUpsert([{ id: 1 }, { id: 6 }], { update: [] }),
        { inserted: 1, updated: 0, unchanged: 1 },
      );
      const made = await stars.getOrCreate({ filterBy: { id: 7 }, mag: 7 });
      assert.deepEqual([made[0].mag, made[1]], [7, true]);
      const found = await stars.getOrCreate({ filterBy: { id: 7 }, mag: 8 });
      assert.deepEqual([found[0].mag, found[1]], [7, false]);
      assert.equal((await stars.insert({ id: 8, mag: 8 })).mag, 8);
      assert.deepEqual(
        await stars.bulkUpdate([{ id: 8, mag: 9 }, { id: 99, mag: 1 }]),
        { updated: 1, missing: 1 },
      );
      stars.update(made[0], { mag: 70 });
      assert.deepEqual(await db.session.commit(), { updated: 1, deleted: 0 });
      assert.equal(await stars.deleteAll({ filterBy: { id: [7, 8] } }), 2);
      assert.deepEqual(await magnitudes({ db }), [
        [1, 5],
        [2, 2],
        [3, 0],
        [4, 4],
        [5, 5],
        [6, null],
      ]);
    },
  );
}

testTables(
  "rows that a rule writes to another table are counted as inserted",
  [Star],
  [
    TABLE,
    OTHER,
    "create rule r as on insert to star do instead insert into other values (new.id, new.name, new.mag)",
  ],
  async ({ db, run }) => {
    assert.deepEqual(await db.query(Star).bulkInsert([{ id: 1 }, { id: 2 }]), {
      inserted: 2,
      ignored: 0,
    });
    assert.deepEqual(await run("select id from other order by id"), [
      { id: 1 },
      { id: 2 },
    ]);
  },
);

testTables(
  "a row that a trigger writes to another table is not said to be lost",
  [Star],
  [
    TABLE,
    OTHER,
    ...trigger(
      "before insert",
      "insert into other values (new.*); return null;",
    ),
  ],
  async ({ db, run }) => {
    await assert.rejects(
      db.query(Star).insert({ id: 1 }),
      (error) =>
        error instanceof DiscardedRowError &&
        /discarded it, wrote it elsewhere/.test(error.message),
    );
    assert.equal((await run("select from other")).length, 1);
  },
);

testTables(
  "a trigger that changes the key of new rows is seen in the returned rows",
  [Star],
  [
    TABLE,
    ...trigger("before insert", "new.id := new.id + 100; return new;"),
  ],
  async ({ db }) => {
    const stars = db.query(Star);
    assert.equal((await stars.insert({ id: 1 })).id, 101);
    const [row, created] = await stars.getOrCreate({ filterBy: { id: 2 } });
    assert.deepEqual([row.id, created], [102, true]);
    assert.deepEqual(await stars.bulkInsert([{ id: 1 }, { id: 3 }]), {
      inserted: 1,
      ignored: 1,
    });
    assert.deepEqual(await stars.bulkUpsert([{ id: 3, mag: 3 }]), {
      inserted: 0,
      updated: 1,
      unchanged: 0,
    });
  },
);

testTables(
  "the error of a trigger keeps its text and code, and nothing is written",
  [Star],
  [
    TABLE,
    ...trigger(
      "after insert or update or delete",
      "if tg_op = 'DELETE' or new.mag < 0 then raise exception 'no negative magnitudes'; end if; return null;",
    ),
  ],
  async ({ db }) => {
    await fill({ db });
    const stars = db.query(Star);
    const [row] = await stars.findAll({ filterBy: { id: 1 } });
    assert.ok(row);
    for (
      const write of [
        () => stars.bulkUpdate([{ id: 2, mag: 9 }, { id: 1, mag: -1 }]),
        () => stars.updateAll({ filterBy: {}, set: { mag: -1 } }),
        () => stars.deleteAll({ filterBy: { id: 1 } }),
        () => stars.insert({ id: 9, mag: -1 }),
        () => stars.getOrCreate({ filterBy: { id: 9 }, mag: -1 }),
        () => stars.bulkInsert([{ id: 8, mag: 1 }, { id: 9, mag: -1 }]),
        () => stars.bulkUpsert([{ id: 8, mag: 1 }, { id: 1, mag: -1 }]),
        () => {
          stars.update(row, { mag: -1 });
          return db.session.commit();
        },
      ]
    ) {
      await assert.rejects(
        write,
        (error) =>
          error instanceof DatabaseError && error.code === "P0001" &&
          /no negative magnitudes/.test(error.message),
      );
      assert.deepEqual(await magnitudes({ db }), [[1, 1], [2, 2], [3, 0]]);
    }
    db.session.rollback();
  },
);
