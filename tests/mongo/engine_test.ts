// Behaviours in which MongoDB differs by nature but must match PostgreSQL.
import {
  type AnyModel,
  type Connection,
  defineModel,
  DuplicateKeyError,
  MongoConnection,
  type QueryEvent,
  SchemaError,
  SQLConnection,
  TransactionError,
  ValidationError,
} from "@alerce/db-plugins";
import { Sighting, Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { z } from "zod";
import { freshPglite, mongoSettings } from "../support/engines.ts";
import { test } from "../support/mongo_case.ts";

/** A table with values that the engines might treat differently. */
const Odd = defineModel("odd", {
  fields: z.object({
    id: z.int32(),
    far: z.float64().nullable().meta({ nan: "keep" }),
    near: z.float64().meta({ nan: "keep", column: "near_by" }),
    words: z.array(z.string().nullable()).nullable(),
    anything: z.unknown().nullable(),
    word: z.string().nullable(),
  }),
  primaryKey: ["id"],
});
/** A table that upserts may change without reading it. */
const Tally = defineModel("tally_sheet", {
  fields: z.object({
    id: z.int64(),
    name: z.string(),
    count: z.int32(),
    mood: z.string().default("calm"),
    mag: z.float64().nullable(),
  }),
  primaryKey: ["id"],
  unique: [["name"]],
});
const MODELS: readonly AnyModel[] = [...SUITE_MODELS, Odd, Tally];

class Passing extends MongoConnection<readonly AnyModel[]> {
  get db(): ReturnType<Passing["backend"]>["db"] {
    return this.backend().db;
  }

  override async close(): Promise<void> {
    await this.db.dropDatabase().catch(() => {});
    await super.close();
  }
}

async function connected(options = {}): Promise<Passing> {
  const db = new Passing({ models: MODELS });
  await db.connect(mongoSettings(), options);
  await db.createDb();
  return db;
}

async function onPostgres(): Promise<SQLConnection<readonly AnyModel[]>> {
  const db = new SQLConnection({ models: MODELS, client: await freshPglite() });
  await db.connect({ ENGINE: "pglite" });
  await db.createDb();
  return db;
}

const ODDS = [
  {
    id: 1,
    far: NaN,
    near: 1,
    words: ["a", null],
    anything: { b: 1, a: [{ y: 2, x: 1 }] },
  },
  { id: 2, far: Infinity, near: NaN, words: [], anything: [1, "a", null] },
  {
    id: 3,
    far: -Infinity,
    near: -1,
    words: null,
    anything: "a",
    word: "c",
  },
  { id: 4, far: null, near: 0, words: ["b"], anything: null },
  {
    id: 5,
    far: 5,
    near: -0,
    words: ["a", "b"],
    anything: { $gt: "", "a.b": { $set: 1 }, _bsontype: "Long" },
  },
  { id: 6, far: 5.5, near: 2, words: [null], anything: { $ref: "x", $id: 1 } },
  { id: 7, far: -5, near: 3, words: ["a"], anything: 1 },
];

function plain(rows: readonly object[]): object[] {
  return rows.map((row) => ({ ...row }));
}

/** The answers of two connections. */
async function both<T>(
  mongo: Connection,
  postgres: Connection,
  ask: (db: Connection) => Promise<T>,
): Promise<[T, T]> {
  return [await ask(mongo), await ask(postgres)];
}

test("both engines store, order and compare unusual values in the same way", async () => {
  await using mongo = await connected();
  await using postgres = await onPostgres();
  await both(mongo, postgres, (db) => db.query(Odd).bulkInsert(ODDS));
  const filters: object[] = [
    { far: { gt: 5 } },
    { far: { gte: 5 } },
    { far: { lt: 5 } },
    { far: { lte: Infinity } },
    { not: { far: { lt: 5 } } },
    { far: { between: [-5, 5] } },
    { near: { gt: 0 } },
    { near: { lt: 1 } },
    { near: 0 },
    { words: null },
    { words: { isNull: false } },
    { words: { contains: [] } },
    { words: { contains: "a" } },
    { words: { in: [["a"], []] } },
    { words: { ne: ["a"] } },
    { anything: null },
    { anything: { ne: null } },
    { anything: "a" },
    { anything: { eq: { a: [{ x: 1, y: 2 }], b: 1 } } },
    { anything: { eq: [1, "a", null] } },
    { anything: { eq: { "a.b": { $set: 1 }, $gt: "", _bsontype: "Long" } } },
    { anything: { in: [1, "a", { $id: 1, $ref: "x" }] } },
    { anything: { notIn: [1, "a"] } },
    { word: null },
    { word: { like: "%" } },
  ];
  for (const filterBy of filters) {
    const [mine, theirs] = await both(
      mongo,
      postgres,
      async (db) =>
        plain(
          await db.query(Odd).findAll({ filterBy, orderBy: { id: "asc" } }),
        ),
    );
    assert.deepEqual(mine, theirs, JSON.stringify(filterBy));
  }
  const orders: object[] = ["far", "near", "words", "word"].flatMap(
    (name) =>
      ["asc", "desc"].flatMap((direction) =>
        ["first", "last"].map((nulls) => ({ [name]: { direction, nulls } }))
      ),
  );
  for (const orderBy of orders) {
    const [mine, theirs] = await both(
      mongo,
      postgres,
      async (db) =>
        (await db.query(Odd).findAll({ orderBy })).map(({ id }) => id),
    );
    assert.deepEqual(mine, theirs, JSON.stringify(orderBy));
  }
});

test("like means the same on both engines", async () => {
  await using mongo = await connected();
  await using postgres = await onPostgres();
  const names = [
    "",
    "a",
    "a\n",
    "\n",
    "a.c",
    "abc",
    "A%",
    "a_",
    "\\",
    "🔭",
    "(a|b)*",
    "^a$",
    "aXXc",
  ];
  await both(mongo, postgres, (db) =>
    db.query(Star).bulkInsert(
      names.map((name, index) => ({ id: BigInt(index), name })),
    ));
  const patterns = [
    "",
    "%",
    "a",
    "a%",
    "%a",
    "_",
    "__",
    "a_c",
    "a.c",
    "%\\%",
    "a\\_",
    "\\\\",
    "(a|b)*",
    "^%",
    "%$",
    "%%",
    "a%c",
    "_%",
    "%_",
  ];
  for (const like of patterns) {
    const [mine, theirs] = await both(
      mongo,
      postgres,
      async (db) =>
        (await db.query(Star).findAll({
          filterBy: { name: { like } },
          orderBy: { id: "asc" },
        })).map(({ name }) => name),
    );
    assert.deepEqual(mine, theirs, like);
  }
});

test("documents of other programs are read: integer widths, missing fields, undeclared fields", async () => {
  await using db = await connected();
  const stars = db.db.collection("star");
  await stars.insertOne(
    { id: 7, name: "seven", status: "x", extra: { of: "others" } },
    { bypassDocumentValidation: true },
  );
  const row = await db.query(Star).findOne({ filterBy: { id: 7n } });
  assert.deepEqual([row?.id, row?.mag, row?.labels], [7n, null, null]);
  assert.ok(row !== null && !("extra" in row) && !("_id" in row));
  assert.deepEqual(
    await db.query(Star).bulkUpsert([{ id: 7n, name: "seven" }]),
    {
      inserted: 0,
      updated: 0,
      unchanged: 1,
    },
  );
  await db.query(Star).bulkUpsert([{ id: 7n, mag: 1 }]);
  assert.deepEqual((await stars.findOne({ id: 7 }))?.extra, { of: "others" });
  await stars.insertOne({ id: 8n, name: 8, status: "x" }, {
    bypassDocumentValidation: true,
  });
  await assert.rejects(
    db.query(Star).findAll(),
    (error) =>
      error instanceof SchemaError &&
      /name must be a string, but holds the number/.test(error.message),
  );
});

test("documents use the column names of fields", async () => {
  await using db = await connected();
  await db.query(Odd).bulkInsert([{ id: 1, near: 2, far: null }]);
  await db.query(Odd).updateAll({ filterBy: { near: 2 }, set: { near: 3 } });
  await db.query(Odd).bulkUpdate([{ id: 1, near: 4 }]);
  await db.query(Odd).bulkUpsert([{ id: 1, near: 5 }]);
  assert.equal((await db.db.collection("odd").findOne())?.near_by, 5);
  const rows = await db.query(Odd).findAll({ select: ["near"] });
  assert.deepEqual(rows.map((row) => ({ ...row })), [{ near: 5 }]);
});

test("concurrent writers upsert the same rows, and the greatest wins", async () => {
  await using db = await connected();
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, (_, writer) =>
      db.query(Sighting).bulkUpsert(
        Array.from({ length: 300 }, (_, night) => ({
          star: 1n,
          night,
          mag: writer,
          quality: ((writer * 7 + night) % 11) / 10,
        })),
        { prefer: ["quality"] },
      )),
  );
  const inserted = outcomes.reduce((sum, { inserted }) => sum + inserted, 0);
  assert.equal(inserted, 300);
  const rows = await db.query(Sighting).findAll();
  for (const { night, quality } of rows) {
    const best = Math.max(
      ...Array.from({ length: 6 }, (_, writer) => (writer * 7 + night) % 11),
    );
    assert.equal(quality, best / 10);
  }
});

test("upserts that mostly update rows do not read first, and have the same result", async () => {
  const events: QueryEvent[] = [];
  await using db = await connected({
    onQuery: (event: QueryEvent) => events.push(event),
  });
  const query = db.query(Tally);
  const tally = (id: number, count: number, name = `n${id}`) => ({
    id: BigInt(id),
    name,
    count,
  });
  const all = (count: number) =>
    Array.from({ length: 20 }, (_, id) => tally(id, count));
  const row = async (id: number) => ({
    ...await query.findOne({ filterBy: { id: BigInt(id) } }),
  });
  const last = () => events.at(-1)?.text;
  await query.bulkInsert([{ ...tally(0, 0), mood: "merry", mag: 1 }]);
  await query.bulkUpsert(all(1));
  await query.bulkUpsert(all(2));
  events.length = 0;
  assert.deepEqual(
    await query.bulkUpsert([
      ...all(3).slice(0, 18),
      tally(18, 2),
      tally(20, 5),
      { ...tally(0, 4), mag: 2 },
      { ...tally(20, 6, "later"), mag: 3 },
    ]),
    { inserted: 1, updated: 18, unchanged: 3 },
  );
  assert.deepEqual(events.map(({ text }) => text), [
    "update tally_sheet documents 20",
  ]);
  assert.deepEqual(await row(0), { ...tally(0, 4), mood: "merry", mag: 2 });
  assert.deepEqual(await row(20), {
    ...tally(20, 6, "later"),
    mood: "calm",
    mag: 3,
  });
  await query.bulkUpsert(all(7));
  assert.equal(last(), "update tally_sheet documents 20");
  assert.deepEqual(
    await query.bulkUpsert([...all(8), tally(21, 1), tally(21, 2, "m")], {
      update: ["count"],
    }),
    { inserted: 1, updated: 20, unchanged: 1 },
  );
  assert.equal(last(), "update tally_sheet documents 21");
  assert.deepEqual(await row(21), {
    ...tally(21, 2),
    mood: "calm",
    mag: null,
  });
  for (const clash of [tally(30, 1, "n3"), tally(4, 1, "n3")]) {
    await query.bulkUpsert(all(0));
    await query.bulkUpsert(all(1));
    await assert.rejects(
      query.bulkUpsert([...all(2).slice(0, 4), clash]),
      (error) =>
        error instanceof DuplicateKeyError && error.fields[0] === "name",
    );
  }
  await query.bulkUpsert(all(9));
  await assert.rejects(
    query.bulkUpsert([...all(10), { id: 40n, count: 1 }]),
    ValidationError,
  );
  assert.equal(await query.count({ filterBy: { count: 10 } }), 0);
  await Promise.all(Array.from({ length: 4 }, async (_, writer) => {
    const rows = Array.from({ length: 50 }, (_, id) => tally(100 + id, writer));
    await query.bulkUpsert([...all(20 + writer), ...rows]);
  }));
  assert.equal(await query.count({ filterBy: { id: { gte: 100n } } }), 50);
});

test("the first of two distant rows with the same key counts, although two batches are sent at a time", async () => {
  await using db = await connected();
  const rows = Array.from({ length: 40_000 }, (_, index) => ({
    star: BigInt(index % 10_000),
    night: 1,
    mag: index,
    quality: 1,
  }));
  assert.deepEqual(await db.query(Sighting).bulkInsert(rows), {
    inserted: 10_000,
    ignored: 30_000,
  });
  assert.equal(
    await db.query(Sighting).count({ filterBy: { mag: { lt: 10_000 } } }),
    10_000,
  );
});

test("concurrent calls on one transaction wait for each other", async () => {
  await using db = await connected();
  await db.transaction(async (tx) => {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        tx.query(Star).getOrCreate({
          filterBy: { id: BigInt(index % 10) },
          name: `star ${index % 10}`,
        })),
    );
    const streams = await Promise.all(
      [1, 2].map(() =>
        Array.fromAsync(tx.query(Star).stream({ batchSize: 3 }))
      ),
    );
    assert.deepEqual(streams.map(({ length }) => length), [10, 10]);
  });
  assert.equal(await db.query(Star).count(), 10);
});

test("a failed nested transaction restores what it changed, deleted and inserted", async () => {
  await using db = await connected();
  await db.query(Star).bulkInsert([
    { id: 1n, name: "a", mag: 1 },
    { id: 2n, name: "b", mag: 2 },
    { id: 3n, name: "c", mag: 3 },
  ]);
  const all = () =>
    db.query(Star).findAll({
      orderBy: { id: "asc" },
      select: ["id", "name", "mag"],
    });
  const before = await all();
  await db.transaction(async (tx) => {
    await assert.rejects(
      tx.transaction(async (inner) => {
        await inner.query(Star).updateAll({
          filterBy: { id: 1n },
          set: { mag: 10 },
        });
        await inner.query(Star).deleteAll({ filterBy: { id: 2n } });
        await inner.query(Star).bulkInsert([{ id: 4n, name: "b" }]);
        await inner.query(Star).bulkUpsert([{ id: 3n, mag: 30 }, {
          id: 5n,
          name: "e",
        }]);
        await inner.query(Star).bulkUpdate([{ id: 1n, name: "A" }]);
        await inner.transaction(async (innermost) => {
          await innermost.query(Star).getOrCreate({
            filterBy: { id: 6n },
            name: "f",
          });
          await innermost.query(Star).deleteAll({ filterBy: { id: 3n } });
        });
        throw new RangeError("no");
      }),
      RangeError,
    );
    await tx.query(Star).bulkInsert([{ id: 9n, name: "i" }]);
  });
  const after = await all();
  assert.deepEqual(after.slice(0, 3), before);
  assert.deepEqual(after.map(({ id }) => id), [1n, 2n, 3n, 9n]);
});

test("a duplicate key does not abort a transaction", async () => {
  await using db = await connected();
  await db.query(Star).bulkInsert([{ id: 1n, name: "a" }]);
  await db.transaction(async (tx) => {
    await assert.rejects(
      tx.query(Star).bulkInsert([{ id: 1n, name: "x" }], {
        onConflict: "error",
      }),
      DuplicateKeyError,
    );
    await assert.rejects(
      tx.query(Star).getOrCreate({ filterBy: { id: 2n }, name: "a" }),
      DuplicateKeyError,
    );
    await assert.rejects(
      tx.query(Star).bulkUpsert([{ id: 2n, name: "a" }]),
      DuplicateKeyError,
    );
    await tx.query(Star).bulkInsert([{ id: 3n, name: "c" }]);
    for (
      const change of [
        () => tx.query(Star).bulkUpdate([{ id: 3n, name: "a" }]),
        () => tx.query(Star).updateAll({ filterBy: {}, set: { name: "z" } }),
        () =>
          tx.query(Star).updateAll({
            filterBy: { id: 3n },
            set: { id: 1n },
          }),
      ]
    ) {
      await assert.rejects(async () => void await change(), DuplicateKeyError);
    }
    await tx.query(Star).bulkUpdate([{ id: 3n, name: "d" }]);
    assert.deepEqual(
      await tx.query(Star).bulkInsert([{ id: 1n, name: "x" }, {
        id: 2n,
        name: "b",
      }]),
      { inserted: 1, ignored: 1 },
    );
  });
  assert.equal(await db.query(Star).count(), 3);
});

test("nothing is written to a collection that does not exist", async () => {
  await using db = new Passing({ models: MODELS });
  await db.connect(mongoSettings());
  for (
    const write of [
      () => db.query(Star).bulkInsert([{ id: 1n, name: "a" }]),
      () => db.query(Star).bulkUpsert([{ id: 1n, name: "a" }]),
      () => db.query(Star).getOrCreate({ filterBy: { id: 1n }, name: "a" }),
    ]
  ) {
    await assert.rejects(
      async () => void await write(),
      (error) => error instanceof SchemaError && /initdb/.test(error.message),
    );
  }
  await db.createDb();
  await db.query(Star).bulkInsert([{ id: 1n, name: "a" }]);
});

test("a read-only transaction refuses to write", async () => {
  await using db = await connected();
  await db.transaction(async (tx) => {
    assert.equal(await tx.query(Star).count(), 0);
    await assert.rejects(
      tx.query(Star).bulkInsert([{ id: 1n, name: "a" }]),
      TransactionError,
    );
    await assert.rejects(
      tx.transaction((inner) =>
        inner.query(Star).bulkInsert([{ id: 1n, name: "a" }])
      ),
      TransactionError,
    );
  }, { readOnly: true });
});

test("transactions that write the same row wait for each other, or are retried", async () => {
  await using db = await connected();
  await db.query(Star).bulkInsert([{ id: 1n, name: "a", visits: 0 }]);
  await Promise.all(
    Array.from({ length: 8 }, () =>
      db.transaction(async (tx) => {
        const row = await tx.query(Star).findOne({ filterBy: { id: 1n } });
        await tx.query(Star).updateAll({
          filterBy: { id: 1n },
          set: { visits: (row?.visits ?? 0) + 1 },
        });
      }, { retries: 30 })),
  );
  const row = await db.query(Star).findOne({ filterBy: { id: 1n } });
  assert.equal(row?.visits, 8);
});

test("events report commands without values, and with values on request", async () => {
  const events: QueryEvent[] = [];
  await using db = await connected({
    onQuery: (event: QueryEvent) => events.push(event),
  });
  events.length = 0;
  await db.query(Star).bulkInsert([{ id: 1n, name: "secret" }]);
  await db.query(Star).findAll({
    filterBy: { name: "secret", or: [{ notes: { eq: { secret: 1 } } }] },
    orderBy: { mag: "asc" },
  });
  await db.query(Star).updateAll({
    filterBy: { id: 1n },
    set: { name: "secret 2" },
  });
  assert.deepEqual(
    events.map(({ text, rows, values }) => [text, rows, values]),
    [
      ["insert star documents 1", 1, undefined],
      [
        "aggregate star pipeline [{ $match: { $and: [{ name: { $eq: $1 } }, { $or: [{ $expr: { $cond: [{ $eq: [{ $type: $notes }, { $literal: $2 }] }, { $and: [{ $eq: [{ $size: { $objectToArray: $notes } }, { $literal: $3 }] }, { $eq: [{ $getField: { field: { $literal: $4 }, input: $notes } }, { $literal: $5 }] }] }, false] } }] }] } }, { $addFields: { _rank0: { $switch: { branches: [{ case: { $lte: $6 }, then: 2 }], default: 0 } } } }, { $sort: { _rank0: 1, mag: 1, id: 1 } }, { $project: { _rank0: 0, _id: 0 } }]",
        0,
        undefined,
      ],
      [
        "update star filter { id: { $eq: $1 } } update { $set: { name: $2 } }",
        1,
        undefined,
      ],
    ],
  );
  assert.ok(!JSON.stringify(events.map(({ text }) => text)).includes("secret"));
});

test("JSON keys that look like operators are written unchanged by every method", async () => {
  await using db = await connected();
  const notes = { $set: { mag: 9 }, "a.b": 1, $where: "x", _bsontype: "Long" };
  const [made] = await db.query(Star).getOrCreate({
    filterBy: { id: 1n },
    name: "a",
    notes,
  });
  assert.deepEqual(made.notes, notes);
  const changed = { ...notes, more: [notes] };
  await db.query(Star).updateAll({ filterBy: {}, set: { notes: changed } });
  assert.deepEqual((await db.query(Star).first())?.notes, changed);
  await db.query(Star).bulkUpdate([{ id: 1n, notes }]);
  assert.deepEqual((await db.query(Star).first())?.notes, notes);
  await db.query(Star).bulkUpsert([{ id: 1n, notes: changed }]);
  assert.deepEqual((await db.query(Star).first())?.notes, changed);
  assert.deepEqual(
    await db.query(Star).bulkUpsert([{ id: 1n, notes: changed }]),
    { inserted: 0, updated: 0, unchanged: 1 },
  );
  const [found, created] = await db.query(Star).getOrCreate({
    filterBy: { id: 1n, notes: { eq: changed } },
    name: "a",
  });
  assert.deepEqual([found.mag, created], [null, false]);
});

test("a value that no document can hold is refused before anything is sent", async () => {
  await using db = await connected();
  await assert.rejects(
    db.query(Odd).bulkInsert([{ id: 1, near: 1, anything: { a: () => 1 } }]),
    ValidationError,
  );
});
