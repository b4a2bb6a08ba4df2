// JSON fields are read as they are stored, or not at all.
import {
  defineModel,
  MongoConnection,
  SchemaError,
  ValidationError,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import {
  Binary,
  BSONRegExp,
  type Collection,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MongoClient,
  ObjectId,
  Timestamp,
} from "mongodb";
import { z } from "zod";
import { mongoSettings } from "../../support/engines.ts";
import { test, untyped } from "../../support/mongo_case.ts";

const CANDID = 2_455_603_221_115_015_004n;

const Alert = defineModel("alert", {
  fields: z.object({
    id: z.int32(),
    body: z.unknown().nullable(),
    more: z.json().nullable(),
    note: z.string().nullable(),
  }),
  primaryKey: ["id"],
  mongo: { extra: "more" },
  relations: { same: { kind: "many", model: "alert", on: { id: "id" } } },
});
type Db = MongoConnection<[typeof Alert]>;

/** Runs a test on a collection of alerts, and gives it the collection as another program sees it: with the exact types of numbers. */
async function onAlerts(
  work: (db: Db, stored: Collection<Document>) => Promise<void>,
): Promise<void> {
  const settings = mongoSettings();
  await using db: Db = new MongoConnection({ models: [Alert] });
  await db.connect(settings);
  await db.createDb();
  const client = new MongoClient(settings.URL, { promoteValues: false });
  try {
    const database = client.db(settings.DATABASE);
    await work(db, database.collection("alert"));
    await database.dropDatabase();
  } finally {
    await client.close();
  }
}

/** Every way to read the row with `id` 1. */
const READS: readonly ((db: Db) => Promise<unknown>)[] = [
  (db) => db.query(Alert).findAll(),
  (db) => db.query(Alert).findAll({ orderBy: { note: "desc" } }),
  (db) => db.query(Alert).findAll({ select: ["body"], limit: 3 }),
  (db) => db.query(Alert).findOne({ filterBy: { id: 1 } }),
  (db) => db.query(Alert).first(),
  async (db) => (await db.query(Alert).find({ perPage: 5 })).items,
  (db) => Array.fromAsync(db.query(Alert).stream()),
  async (db) => {
    const [row] = await db.query(Alert).findAll({ include: ["same"] });
    return row?.same;
  },
  async (db) => (await db.query(Alert).getOrCreate({ filterBy: { id: 1 } }))[0],
  (db) =>
    db.transaction(async (tx) =>
      (await tx.query(Alert).getOrCreate({ filterBy: { id: 1 } }))[0]
    ),
  (db) => db.transaction((tx) => tx.query(Alert).findAll()),
];

/** Stored numbers of JSON, and what rows hold. */
const NUMBERS: readonly (readonly [stored: unknown, read: unknown])[] = [
  [Long.fromBigInt(CANDID), CANDID],
  [Long.MIN_VALUE, -(2n ** 63n)],
  [Long.fromBigInt(2n ** 53n), 2n ** 53n],
  [Long.fromBigInt(2n ** 53n - 1n), Number.MAX_SAFE_INTEGER],
  [Long.fromNumber(5), 5],
  [new Int32(5), 5],
  [new Double(5), 5],
  [new Double(-0), -0],
  [new Double(2 ** 60), 2 ** 60],
  [new Double(1e300), 1e300],
  [new Double(0.1), 0.1],
];

test("every number in JSON is read exactly, and stored again with the same value", async () => {
  await onAlerts(async (db, stored) => {
    for (const [number, read] of NUMBERS) {
      const bodies: readonly (readonly [unknown, unknown])[] = [
        [number, read],
        [{ a: [{ b: number }] }, { a: [{ b: read }] }],
        [[[number, null]], [[read, null]]],
        [{ $ref: "a.b", $id: number, "": 1 }, {
          $ref: "a.b",
          $id: read,
          "": 1,
        }],
      ];
      for (const [body, expected] of bodies) {
        await stored.deleteMany({});
        await stored.insertOne({
          id: 1,
          body,
          more: { x: number },
          note: null,
        });
        for (const ask of READS) {
          const found = [await ask(db)].flat()[0];
          assert.deepEqual(Object(found).body, expected, String(ask));
        }
        const [row] = await db.query(Alert).findAll();
        assert.deepEqual(row?.more, { x: read });
        // Without its derived forms, a row goes through JavaScript as it is.
        await db.query(Alert).bulkUpsert([
          { ...Object(row), note: "seen" },
        ]);
        const same = { $expr: { $eq: ["$body", { $literal: body }] } };
        assert.equal(Number(await stored.countDocuments(same)), 1);
        assert.equal(Number(await stored.countDocuments({ note: "seen" })), 1);
        const [again] = await db.query(Alert).findAll();
        assert.deepEqual(again?.body, expected);
      }
    }
  });
});

/** Values that JSON does not have, and how the error calls them. */
const FOREIGN: readonly (readonly [unknown, string])[] = [
  [new Date(0), "the date 1970-01-01T00:00:00.000Z"],
  [new ObjectId(), "an ObjectId"],
  [Decimal128.fromString("1.5"), "a Decimal128"],
  [new Binary(new Uint8Array([1])), "a Binary"],
  [new Timestamp({ t: 1, i: 2 }), "a Timestamp"],
  [new BSONRegExp("a"), "a RegExp"],
  [new MaxKey(), "a MaxKey"],
  [NaN, "the number NaN"],
  [-Infinity, "the number -Infinity"],
];

test("a value in JSON that JSON does not have is an error with its path on every read, and stays as it is", async () => {
  await onAlerts(async (db, stored) => {
    const paths: readonly (readonly [(value: unknown) => unknown, string])[] = [
      [(value) => value, ""],
      [(value) => ({ a: [1, { "b c": value }] }), '.a[1]["b c"]'],
      [(value) => [[value]], "[0][0]"],
    ];
    for (const [value, name] of FOREIGN) {
      for (const [inside, path] of paths) {
        await stored.deleteMany({});
        const document = { id: 1, body: inside(value), more: null, note: null };
        await stored.insertOne(document);
        const [before] = await stored.find().toArray();
        for (const ask of READS) {
          await assert.rejects(async () => void await ask(db), (error) => {
            assert.ok(error instanceof SchemaError, Deno.inspect(error));
            const advice = error.outcome === "applied"
              ? ". The database holds the row: do not repeat the write"
              : "";
            assert.equal(
              error.message,
              `Cannot read alert with id 1: body${path} holds ${name}, which JSON does not have. Leave the field out with select, or read the document with db.collection()${advice}`,
            );
            return true;
          });
        }
        // Other fields can be read and written.
        const [row] = await db.query(Alert).findAll({ select: ["id", "note"] });
        assert.equal(row?.id, 1);
        await db.query(Alert).bulkUpsert([{ id: 1, note: "seen" }]);
        const [after] = await stored.find({ note: "seen" }).toArray();
        assert.deepEqual(after?.body, before?.body);
      }
    }
  });
});

test("an integer of JSON beyond 64 bits is refused with its path by every write", async () => {
  await onAlerts(async (db, stored) => {
    const huge = 2n ** 63n;
    const body = untyped({ a: [1, { b: huge }] });
    const query = db.query(Alert);
    await query.bulkInsert([{ id: 1 }]);
    const row = await query.findOne({ filterBy: { id: 1 } });
    assert.ok(row);
    const message = (path: string) =>
      `contains the integer 9223372036854775808 at ${path}, and MongoDB has integers of 64 bits only: pass it as a string`;
    const writes: readonly (readonly [() => Promise<unknown>, string])[] = [
      [() => query.bulkInsert([{ id: 2, body }]), `body ${message(".a[1].b")}`],
      [
        () => query.bulkInsert([untyped({ id: 2, other: huge })]),
        `more ${message(".other")}`,
      ],
      [() => query.bulkUpsert([{ id: 1, body }]), `body ${message(".a[1].b")}`],
      [() => query.bulkUpdate([{ id: 1, body }]), `body ${message(".a[1].b")}`],
      [
        () => query.getOrCreate({ filterBy: { id: 2 }, body }),
        `body ${message(".a[1].b")}`,
      ],
      [
        () => query.updateAll({ filterBy: { id: 1 }, set: { body } }),
        `body ${message(".a[1].b")}`,
      ],
      [
        async () => {
          const session = db.createSession();
          db.query(Alert).update(row, { body });
          await session.commit();
        },
        `body ${message(".a[1].b")}`,
      ],
      [
        () =>
          query.bulkInsert([{
            id: 2,
            body: untyped({ toJSON: () => ({ b: huge }) }),
          }]),
        `body ${message(".b")}`,
      ],
    ];
    for (const [write, problem] of writes) {
      await assert.rejects(async () => void await write(), (error) => {
        assert.ok(error instanceof ValidationError, Deno.inspect(error));
        assert.ok(error.message.includes(problem), error.message);
        return true;
      });
    }
    assert.equal(Number(await stored.countDocuments({})), 1);
    assert.equal(Number(await stored.countDocuments({ body: null })), 1);
  });
});

test("a filter compares integers of JSON exactly, also with an integer beyond 64 bits", async () => {
  await onAlerts(async (db, stored) => {
    await stored.insertMany([
      { id: 1, body: { c: Long.fromBigInt(CANDID) } },
      { id: 2, body: { c: Long.fromBigInt(CANDID + 1n) } },
      { id: 3, body: [new Double(2 ** 70)] },
    ]);
    const found = async (body: unknown, operator = "eq") =>
      (await db.query(Alert).findAll({
        filterBy: untyped({ body: { [operator]: body } }),
        orderBy: { id: "asc" },
      })).map(({ id }) => id);
    assert.deepEqual(await found({ c: CANDID }), [1]);
    assert.deepEqual(await found({ c: CANDID }, "ne"), [2, 3]);
    assert.deepEqual(await found([{ c: CANDID }, { c: CANDID + 1n }], "in"), [
      1,
      2,
    ]);
    assert.deepEqual(await found([2n ** 70n]), [3]);
    assert.deepEqual(await found([2n ** 70n + 1n]), []);
    assert.deepEqual(await found([2n ** 70n + 1n], "ne"), [1, 2, 3]);
    assert.deepEqual(await found([10n ** 400n]), []);
  });
});
