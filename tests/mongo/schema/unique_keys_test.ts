// Unique keys on MongoDB, and the errors about duplicate keys.
import {
  type AnyModel,
  defineModel,
  DuplicateKeyError,
  ModelError,
} from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { z } from "zod";
import { mongoEngine } from "../../support/engines.ts";
import { opened, test } from "../../support/mongo_case.ts";

const fields = z.object({
  id: z.int32(),
  tags: z.array(z.string()),
  codes: z.array(z.int32()).nullable(),
  notes: z.unknown().nullable(),
});
const keyed: readonly (readonly [string, AnyModel])[] = [
  [
    "the unique key (tags) of bad: tags is an array",
    defineModel("bad", { fields, primaryKey: ["id"], unique: [["tags"]] }),
  ],
  [
    "the unique key (id, notes) of bad: notes is JSON",
    defineModel("bad", {
      fields,
      primaryKey: ["id"],
      unique: [["id", "notes"]],
    }),
  ],
  [
    "the unique key (tags) of bad: tags is an array",
    defineModel("bad", { fields, primaryKey: ["tags"] }),
  ],
  [
    "the unique key (codes) of bad: codes is an array",
    defineModel("bad", {
      fields,
      primaryKey: ["id"],
      indexes: [{ fields: ["codes"], unique: true }],
    }),
  ],
];

test("a unique key over an array or JSON is refused before anything is created or written", async () => {
  for (const [reason, model] of keyed) {
    const refused = (error: unknown): boolean =>
      error instanceof ModelError && error.message.includes(reason);
    await using db = await mongoEngine.open([model]);
    await assert.rejects(db.createDb(), refused);
    // A collection that another program created.
    const Plain = defineModel("bad", { fields, primaryKey: ["id"] });
    await using plain = await mongoEngine.open([Plain]);
    await plain.createDb();
    const rows = [{ id: 1, tags: ["a", "b"] }, { id: 2, tags: ["b"] }];
    for (
      const write of [
        () => plain.query(model).bulkInsert(rows),
        () => plain.query(model).bulkUpsert(rows),
        () => plain.query(model).updateAll({ filterBy: {}, set: { id: 3 } }),
      ]
    ) await assert.rejects(async () => void await write(), refused);
    assert.equal(await plain.query(Plain).count(), 0);
  }
});

test("an index over several arrays is not created, and becomes a note", async () => {
  const Tagged = defineModel("tagged", {
    fields,
    primaryKey: ["id"],
    indexes: [
      { fields: ["tags", "codes"] },
      { fields: ["tags"], using: "hash", name: "by_hash" },
      { fields: ["id", "tags"] },
    ],
  });
  await using db = await mongoEngine.open([Tagged]);
  const { notes } = await db.createDb();
  assert.deepEqual(notes, [
    "tagged: the index ix_tagged_tags_codes is over several arrays or JSON, which MongoDB does not support",
    "tagged: the index by_hash uses hash and is on an array or JSON, which MongoDB does not support",
  ]);
  const made = await db.query(Tagged).bulkInsert([
    { id: 1, tags: ["a", "b"], codes: [1, 2] },
  ]);
  assert.equal(made.inserted, 1);
});

test("keys with null are all different, and so are dates a millisecond apart", async () => {
  const Pass = defineModel("pass", {
    fields: z.object({
      at: z.date(),
      code: z.string().nullable(),
      n: z.int32().nullable(),
    }),
    primaryKey: ["at"],
    unique: [["code"]],
  });
  await using db = await opened([Pass]);
  const rows = Array.from({ length: 4 }, (_, place) => ({
    at: new Date(place),
    code: null,
    n: place,
  }));
  const onConflict = "error" as const;
  const query = db.query(Pass);
  await query.bulkInsert(rows.slice(0, 2), { onConflict });
  await db.transaction((tx) =>
    tx.query(Pass).bulkInsert(rows.slice(1, 3), { onConflict: "ignore" })
  );
  assert.deepEqual(
    await query.bulkUpsert(rows.map((row) => ({ ...row, n: row.n + 1 }))),
    { inserted: 1, updated: 3, unchanged: 0 },
  );
  assert.deepEqual(
    (await query.findAll({ orderBy: { at: "asc" } })).map(({ n }) => n),
    [1, 2, 3, 4],
  );
});

test("the error about a duplicate key names its index for every kind of write", async () => {
  await using db = await opened();
  const query = db.query(Star);
  await query.bulkInsert([{ id: 1n, name: "a" }, { id: 2n, name: "b" }]);
  const filterBy = { id: 2n };
  const set = { name: "a" };
  const other = { id: 9n, name: "a" };
  const error = "error" as const;
  for (
    const write of [
      () => query.bulkInsert([other], { onConflict: error }),
      () => query.bulkUpsert([other]),
      () => query.updateAll({ filterBy, set }),
      () => query.bulkUpdate([{ ...filterBy, ...set }]),
      () => query.getOrCreate({ filterBy: { id: 9n }, name: "a" }),
      () =>
        db.transaction((tx) =>
          tx.query(Star).bulkInsert([other], { onConflict: error })
        ),
      () => db.transaction((tx) => tx.query(Star).bulkUpsert([other])),
      () => db.transaction((tx) => tx.query(Star).updateAll({ filterBy, set })),
      () =>
        db.transaction((tx) =>
          tx.query(Star).getOrCreate({ filterBy: { id: 9n }, name: "a" })
        ),
    ]
  ) {
    await assert.rejects(async () => void await write(), (error) => {
      assert.ok(error instanceof DuplicateKeyError, Deno.inspect(error));
      assert.equal(error.constraint, "star_name_key", write.toString());
      assert.deepEqual(error.fields, ["name"], write.toString());
      return true;
    });
  }
  await assert.rejects(
    query.bulkInsert([{ id: 1n, name: "c" }], { onConflict: error }),
    { constraint: "star_pkey", fields: ["id"] },
  );
});

test("a field may have the name of a computed sort key", async () => {
  const Ranked = defineModel("ranked", {
    fields: z.object({
      id: z.int32(),
      _rank0: z.string(),
      _whole1: z.string(),
      mag: z.float64().nullable(),
      tags: z.array(z.string()),
    }),
    primaryKey: ["id"],
  });
  await using db = await opened([Ranked]);
  const rows = [
    { id: 1, _rank0: "a", _whole1: "x", mag: null, tags: ["b"] },
    { id: 2, _rank0: "b", _whole1: "y", mag: 1, tags: ["a"] },
    { id: 3, _rank0: "c", _whole1: "z", mag: 1, tags: ["a", "a"] },
  ];
  const query = db.query(Ranked);
  await query.bulkInsert(rows);
  const found = await query.findAll({ orderBy: { mag: "asc", tags: "desc" } });
  assert.deepEqual(found.map((row) => ({ ...row })), rows.toReversed());
});
