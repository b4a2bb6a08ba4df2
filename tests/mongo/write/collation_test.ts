// In a collection with a collation, every method compares keys as the server does.
import {
  defineModel,
  DuplicateKeyError,
  MongoConnection,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { mongoSettings } from "../../support/engines.ts";
import { test } from "../../support/mongo_case.ts";

const Named = defineModel("named", {
  fields: z.object({
    name: z.string(),
    alias: z.string().nullable(),
    parent: z.string().nullable(),
    ndet: z.int32().nullable(),
  }),
  primaryKey: ["name"],
  unique: [["alias"]],
  relations: {
    up: { kind: "one", model: "named", on: { parent: "name" } },
    down: { kind: "many", model: "named", on: { name: "parent" } },
  },
});
const Epoch = defineModel("epoch", {
  fields: z.object({
    name: z.string(),
    night: z.int32(),
    ndet: z.int32().nullable(),
  }),
  primaryKey: ["name", "night"],
});
type Db = MongoConnection<[typeof Named, typeof Epoch]>;

/** Runs a test on collections that ignore case. */
async function ignoringCase(run: (db: Db) => Promise<void>): Promise<void> {
  const db: Db = new MongoConnection({ models: [Named, Epoch] });
  await db.connect(mongoSettings());
  try {
    const { db: database } = db.collection(Named);
    for (const table of ["named", "epoch"]) {
      await database.createCollection(table, {
        collation: { locale: "en", strength: 2 },
      });
    }
    await db.createDb();
    await run(db);
  } finally {
    await db.dropDb();
    await db.close();
  }
}

async function stored(db: Pick<Db, "query">): Promise<unknown[]> {
  const rows = await db.query(Named).findAll({ orderBy: { name: "asc" } });
  return rows.map(({ name, ndet }) => [name, ndet]);
}

test("the bulk methods return each row once, at the place of the first equal key", async () => {
  await ignoringCase(async (db) => {
    const named = db.query(Named);
    const plain = (rows: readonly object[]) => rows.map((row) => ({ ...row }));
    const inserted = await named.bulkInsert([
      { name: "Vega", ndet: 1 },
      { name: "VEGA", ndet: 2 },
      { name: "Deneb", ndet: 3 },
    ], { returning: ["name", "ndet"] });
    assert.deepEqual(plain(inserted.rows), [
      { name: "Vega", ndet: 1 },
      { name: "Deneb", ndet: 3 },
    ]);
    const upserted = await named.bulkUpsert([
      { name: "DENEB", ndet: 4 },
      { name: "Mira", ndet: 5 },
      { name: "vega", ndet: 6 },
      { name: "deneb", ndet: 7 },
    ], { returning: ["name", "ndet"] });
    assert.deepEqual(plain(upserted.rows), [
      { name: "Deneb", ndet: 7 },
      { name: "Mira", ndet: 5 },
      { name: "Vega", ndet: 6 },
    ]);
    const updated = await named.bulkUpdate([
      { name: "MIRA", ndet: 8 },
      { name: "VEGA", ndet: 9 },
      { name: "mira", alias: "omicron" },
    ], { returning: ["name", "ndet", "alias"] });
    assert.deepEqual(plain(updated.rows), [
      { name: "Mira", ndet: 8, alias: "omicron" },
      { name: "Vega", ndet: 9, alias: null },
    ]);
  });
});

test("inserts keep the first of two equal keys", async () => {
  await ignoringCase(async (db) => {
    const named = db.query(Named);
    assert.deepEqual(
      await named.bulkInsert([
        { name: "Vega", ndet: 1, alias: "a" },
        { name: "VEGA", ndet: 2 },
        { name: "Deneb", ndet: 3, alias: "A" },
        { name: "Mira", ndet: 4 },
      ]),
      { inserted: 2, ignored: 2 },
    );
    assert.deepEqual(await named.bulkInsert([{ name: "mira" }]), {
      inserted: 0,
      ignored: 1,
    });
    for (
      const write of [
        () => named.insert({ name: "MIRA" }),
        () => named.bulkInsert([{ name: "MIRA" }], { onConflict: "error" }),
        () =>
          named.bulkInsert([{ name: "Spica" }, { name: "SPICA" }], {
            onConflict: "error",
          }),
        () => named.bulkUpdate([{ name: "mira", alias: "A" }]),
        () => named.getOrCreate({ filterBy: { name: "new" }, alias: "A" }),
        () => named.updateAll({ filterBy: {}, set: { alias: "x" } }),
      ]
    ) await assert.rejects(write, DuplicateKeyError, String(write));
    assert.deepEqual(await stored(db), [["Mira", 4], ["Vega", 1]]);
    await db.transaction(async (tx) => {
      assert.deepEqual(
        await tx.query(Named).bulkInsert([{ name: "Spica" }, {
          name: "SPICA",
        }, { name: "VEGA" }]),
        { inserted: 1, ignored: 2 },
      );
    });
  });
});

test("upserts take equal keys as one row, and count it once", async () => {
  await ignoringCase(async (db) => {
    const named = db.query(Named);
    await named.bulkInsert([{ name: "Vega", ndet: 1, alias: "a" }]);
    const rows = [
      { name: "VEGA", ndet: 2 },
      { name: "Rigel", ndet: 3 },
      { name: "vega", ndet: 4 },
      { name: "RIGEL", ndet: 5 },
    ];
    const counts = { inserted: 1, updated: 1, unchanged: 2 };
    assert.deepEqual(await named.bulkUpsert(rows), counts);
    assert.deepEqual(await stored(db), [["Rigel", 5], ["Vega", 4]]);
    await db.transaction(async (tx) => {
      assert.deepEqual(
        await tx.query(Named).bulkUpsert([
          { name: "RIGEL", ndet: 6 },
          { name: "rigel", ndet: 7 },
          { name: "$Spica", ndet: 8 },
          { name: "$spica", ndet: 9 },
        ], { prefer: ["ndet"] }),
        counts,
      );
    });
    assert.deepEqual(
      await named.bulkUpsert([{ name: "Vega", alias: "A", ndet: 10 }], {
        conflict: ["alias"],
      }),
      { inserted: 0, updated: 1, unchanged: 0 },
    );
    assert.deepEqual(await stored(db), [["$Spica", 9], ["Rigel", 7], [
      "Vega",
      10,
    ]]);
    assert.deepEqual(
      await db.query(Epoch).bulkUpsert([
        { name: "vega", night: 1 },
        { name: "VEGA", night: 1, ndet: 1 },
        { name: "VEGA", night: 2 },
      ]),
      { inserted: 2, updated: 0, unchanged: 1 },
    );
    assert.equal(await db.query(Epoch).count({ filterBy: { ndet: 1 } }), 1);
  });
});

test("getOrCreate, bulkUpdate, sessions and deletes find the equal key", async () => {
  await ignoringCase(async (db) => {
    const named = db.query(Named);
    await named.bulkInsert([{ name: "Vega", ndet: 1 }, { name: "Mira" }]);
    {
      const [row, created] = await named.getOrCreate({
        filterBy: { name: "vEGA" },
        ndet: 9,
      });
      assert.deepEqual([row.name, row.ndet, created], ["Vega", 1, false]);
    }
    await db.transaction(async (tx) => {
      const [row, created] = await tx.query(Named).getOrCreate({
        filterBy: { name: "VEGA" },
      });
      assert.deepEqual([row.name, created], ["Vega", false]);
    });
    assert.deepEqual(
      await named.bulkUpdate([
        { name: "vega", ndet: 2 },
        { name: "VEGA", ndet: 3 },
        { name: "none", ndet: 4 },
      ]),
      { updated: 2, missing: 1 },
    );
    const row = await named.findOne({ filterBy: { name: "VEGA" } });
    assert.equal(row?.ndet, 3);
    named.update(row, { ndet: 5 });
    await db.session.commit();
    assert.deepEqual(await stored(db), [["Mira", null], ["Vega", 5]]);
    assert.equal(
      await named.deleteAll({ filterBy: { name: { in: ["mira", "VEGA"] } } }),
      2,
    );
  });
});

test("relations compare as the collection does", async () => {
  await ignoringCase(async (db) => {
    await db.query(Named).bulkInsert([
      { name: "Vega" },
      { name: "b", parent: "VEGA" },
      { name: "c", parent: "vega" },
    ]);
    const read = async (reader: Pick<Db, "query">) =>
      (await reader.query(Named).findAll({
        include: ["up", "down"],
        orderBy: { name: "asc" },
      })).map(({ up, down }) => [up?.name, down.map(({ name }) => name)]);
    const expected = [["Vega", []], ["Vega", []], [undefined, ["b", "c"]]];
    assert.deepEqual(await read(db), expected);
    await db.transaction(async (tx) => {
      assert.deepEqual(await read(tx), expected);
    });
  });
});
