// Bytes, times with microseconds, infinite dates and text of other types on MongoDB.
import {
  bytes,
  defineModel,
  MongoConnection,
  QueryError,
  SchemaError,
  ValidationError,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { Binary, UUID } from "mongodb";
import fc from "fast-check";
import { z } from "zod";
import { property } from "../../support/arbitraries.ts";
import { mongoSettings } from "../../support/engines.ts";
import { test, untyped } from "../../support/mongo_case.ts";

const Cutout = defineModel("cutout", {
  fields: z.object({
    id: z.int32(),
    fits: bytes().nullable(),
    digest: bytes().nullable(),
    parts: z.array(bytes()).nullable(),
    seen: z.date().nullable(),
    exact: z.int64().nullable().meta({ sqlType: "timestamptz" }),
    mag: z.string().nullable().meta({ sqlType: "numeric" }),
    body: z.json().nullable(),
  }),
  primaryKey: ["id"],
  unique: [["digest"]],
});
const Blob = defineModel("blob", {
  fields: z.object({ hash: bytes(), count: z.int32().nullable() }),
  primaryKey: ["hash"],
});
type Db = MongoConnection<[typeof Cutout, typeof Blob]>;

async function onCutouts(run: (db: Db) => Promise<void>): Promise<void> {
  const db: Db = new MongoConnection({ models: [Cutout, Blob] });
  await db.connect(mongoSettings());
  try {
    await db.createDb();
    await db.createDb({ verify: true });
    await run(db);
  } finally {
    await db.dropDb();
    await db.close();
  }
}

const INFINITY = new Date(8.64e15);
const NEGATIVE_INFINITY = new Date(-8.64e15);

test("any row is read as it was written, and writing it again changes nothing", async () => {
  await onCutouts(async (db) => {
    const cutouts = db.query(Cutout);
    const data = fc.uint8Array({ maxLength: 40 });
    const row = fc.record({
      fits: fc.option(data),
      parts: fc.option(fc.array(data, { maxLength: 3 })),
      seen: fc.option(fc.oneof(
        fc.constantFrom(INFINITY, NEGATIVE_INFINITY),
        fc.date({
          min: new Date("-004000-01-01T00:00:00Z"),
          noInvalidDate: true,
        }),
      )),
      exact: fc.option(fc.oneof(
        fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n)),
        fc.bigInt({ min: -(10n ** 15n), max: 2n ** 63n - 1n }),
      )),
      mag: fc.option(fc.constantFrom("1.10", "NaN", "1e400")),
      body: fc.option(fc.oneof(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
          .filter((value) => !Number.isSafeInteger(Number(value))),
        fc.dictionary(
          fc.string(),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          { noNullPrototype: true },
        ),
      )),
    });
    await property(30, row, async (values) => {
      const given = untyped({ id: 1, ...values });
      await cutouts.bulkUpsert([given]);
      const [read] = await cutouts.findAll();
      assert.deepEqual({ ...Object(read), digest: undefined }, {
        id: 1,
        ...values,
        digest: undefined,
      });
      assert.deepEqual(await cutouts.bulkUpsert([untyped(read)]), {
        inserted: 0,
        updated: 0,
        unchanged: 1,
      });
      const { fits, seen, exact } = values;
      assert.equal(await cutouts.count({ filterBy: { fits, seen, exact } }), 1);
    });
  });
});

test("bytes are keys, and compare byte by byte", async () => {
  await onCutouts(async (db) => {
    const blobs = db.query(Blob);
    const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(1, 3)];
    assert.deepEqual(
      await blobs.bulkInsert([{ hash: a }, { hash: b }, {
        hash: Uint8Array.of(1, 2),
      }]),
      { inserted: 2, ignored: 1 },
    );
    assert.deepEqual(
      await blobs.bulkUpsert([{ hash: a, count: 1 }, { hash: a, count: 2 }, {
        hash: Uint8Array.of(),
        count: 3,
      }]),
      { inserted: 1, updated: 1, unchanged: 1 },
    );
    assert.deepEqual(
      await blobs.bulkUpdate([{ hash: b, count: 4 }, {
        hash: Uint8Array.of(9),
        count: 5,
      }]),
      { updated: 1, missing: 1 },
    );
    const [found, created] = await blobs.getOrCreate({ filterBy: { hash: a } });
    assert.deepEqual([found.count, created], [2, false]);
    const counts: unknown[] = [];
    let page = await blobs.find({ perPage: 1 });
    for (;;) {
      counts.push(...page.items.map(({ count }) => count));
      const after = page.items.at(-1);
      if (after === undefined) break;
      page = await blobs.find({ perPage: 1, after });
    }
    assert.deepEqual(counts, [3, 2, 4]);
    blobs.update(found, { count: 6 });
    await db.session.commit();
    assert.equal((await blobs.findOne({ filterBy: { hash: a } }))?.count, 6);
    const cutouts = db.query(Cutout);
    assert.deepEqual(
      await cutouts.bulkInsert([{ id: 1, digest: a }, { id: 2, digest: a }, {
        id: 3,
      }, { id: 4 }]),
      { inserted: 3, ignored: 1 },
    );
    for (
      const read of [
        () => cutouts.findAll({ orderBy: { digest: "asc" } }),
        () => cutouts.findAll({ filterBy: untyped({ digest: { gt: a } }) }),
      ]
    ) {
      await assert.rejects(
        async () => void await read(),
        (error) =>
          error instanceof QueryError && /digest.*length/.test(error.message),
      );
    }
  });
});

test("binary data of another subtype is an error with its key", async () => {
  await onCutouts(async (db) => {
    await db.collection(Cutout).insertOne(
      untyped({ id: 1, fits: new UUID() }),
      { bypassDocumentValidation: true },
    );
    await assert.rejects(
      db.query(Cutout).findAll(),
      (error) =>
        error instanceof SchemaError &&
        error.message ===
          "Cannot read cutout with id 1: fits must be bytes, but holds a Binary of subtype 4",
    );
    await db.collection(Cutout).updateOne({}, {
      $set: untyped({ fits: new Binary(Uint8Array.of(7), 0) }),
    });
    const [row] = await db.query(Cutout).findAll();
    assert.deepEqual(row?.fits, Uint8Array.of(7));
  });
});

test("infinite dates come first and last, and pages pass them", async () => {
  await onCutouts(async (db) => {
    const cutouts = db.query(Cutout);
    const dates = [INFINITY, new Date(0), NEGATIVE_INFINITY, INFINITY];
    await cutouts.bulkInsert(dates.map((seen, id) => ({ id, seen })));
    for (
      const [direction, expected] of [["asc", [2, 1, 0, 3]], [
        "desc",
        [0, 3, 1, 2],
      ]] as const
    ) {
      const ids: number[] = [];
      const orderBy = { seen: direction, id: "asc" } as const;
      let page = await cutouts.find({ orderBy, perPage: 1 });
      for (;;) {
        ids.push(...page.items.map(({ id }) => id));
        const after = page.items.at(-1);
        if (after === undefined) break;
        page = await cutouts.find({ orderBy, perPage: 1, after });
      }
      assert.deepEqual(ids, expected);
    }
    assert.equal(await cutouts.count({ filterBy: { seen: INFINITY } }), 2);
    assert.equal(
      await cutouts.count({ filterBy: { seen: { lt: INFINITY } } }),
      2,
    );
  });
});

test("a time that PostgreSQL cannot hold is refused by every write", async () => {
  await onCutouts(async (db) => {
    const cutouts = db.query(Cutout);
    await cutouts.bulkInsert([{ id: 1 }]);
    const exact = -(2n ** 62n);
    for (
      const write of [
        () => cutouts.bulkInsert([{ id: 2, exact }]),
        () => cutouts.bulkUpsert([{ id: 2, exact }]),
        () => cutouts.bulkUpdate([{ id: 1, exact }]),
        () => cutouts.updateAll({ filterBy: { id: 1 }, set: { exact } }),
        () => cutouts.getOrCreate({ filterBy: { id: 2 }, exact }),
        () => cutouts.insert({ id: 2, exact }),
        () => cutouts.bulkInsert([{ id: 2, seen: new Date(-8.64e15 + 1) }]),
      ]
    ) {
      await assert.rejects(
        async () => void await write(),
        (error) =>
          error instanceof ValidationError &&
          /before 4714-11-24 BC/.test(error.message),
        String(write),
      );
    }
    assert.equal(await cutouts.count(), 1);
  });
});

test("text of a PostgreSQL number is found by equality, and never ordered as text", async () => {
  await onCutouts(async (db) => {
    const cutouts = db.query(Cutout);
    await cutouts.bulkInsert([{ id: 1, mag: "10" }, { id: 2, mag: "9" }]);
    assert.equal(await cutouts.count({ filterBy: { mag: "9" } }), 1);
    const refused = /stores mag as text, .* orders numeric/;
    for (
      const read of [
        () => cutouts.findAll({ orderBy: { mag: "asc" } }),
        () => cutouts.findAll({ filterBy: { mag: { gt: "9" } } }),
        () => cutouts.bulkUpsert([{ id: 1, mag: "9" }], { prefer: ["mag"] }),
      ]
    ) {
      await assert.rejects(
        async () => void await read(),
        (error) => error instanceof QueryError && refused.test(error.message),
      );
    }
  });
});
