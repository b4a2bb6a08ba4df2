// Expressions on documents: derived values, columns, and servers without transactions.
import {
  CheckError,
  defineModel,
  greatest,
  increment,
  MongoConnection,
  point,
  QueryError,
  ValidationError,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { z } from "zod";
import { mongoSettings } from "../../support/engines.ts";
import { failure, stars } from "../../support/mongo_stars.ts";
import { test } from "../../support/mongo_case.ts";
import { standaloneTest } from "../../support/mongo_standalone.ts";

const Source = defineModel("source", {
  fields: z.object({
    aid: z.string(),
    ra: z.float64().nullable(),
    dec: z.float64().nullable(),
    ndet: z.int32().nullable().meta({ column: "n" }),
    sum: z.float64().nullable(),
    price: z.string().nullable().meta({ sqlType: "numeric" }),
  }),
  primaryKey: ["aid"],
  mongo: { id: "aid", derived: { loc: point("ra", "dec") } },
});

test("expressions update derived values, and documents keep the types of their values", async () => {
  await using db = new MongoConnection({ models: [Source] });
  await db.connect(mongoSettings());
  await db.createDb();
  const query = db.query(Source);
  await query.insert({ aid: "a", ra: 10, dec: -5, ndet: 1, sum: 1.5 });
  const update = (set: Parameters<typeof query.updateAll>[0]["set"]) =>
    query.updateAll({ filterBy: { aid: "a" }, set });
  await update({ ra: greatest(200), ndet: increment(2), sum: increment(1.5) });
  const raw = await db.collection(Source).findOne({});
  assert.deepEqual({ ...raw }, {
    _id: "a",
    ra: 200,
    dec: -5,
    n: 3,
    sum: 3,
    price: null,
    loc: { type: "Point", coordinates: [20, -5] },
  });
  assert.deepEqual(
    await db.collection(Source).countDocuments({
      n: { $type: "int" },
      sum: { $type: "int" },
    }),
    1,
  );
  const refused = await failure(update({ ra: increment(1) }));
  assert.ok(refused instanceof ValidationError);
  assert.match(refused.message, /ra cannot be incremented on MongoDB/);
  await assert.rejects(
    query.bulkUpdate([{ aid: "a", dec: increment(1) }]),
    /dec cannot be incremented on MongoDB/,
  );
  await assert.rejects(update({ ra: greatest(400) }), ValidationError);
  await assert.rejects(update({ price: greatest("9") }), QueryError);
  await db.dropDb();
});

const Kinds = defineModel("kind", {
  fields: z.object({
    id: z.int32(),
    small: z.int32().nullable(),
    large: z.int64().nullable(),
    single: z.float32().nullable(),
    double: z.float64().nullable(),
  }),
  primaryKey: ["id"],
});

test("a sum has the type that other writes give its field", async () => {
  await using db = new MongoConnection({ models: [Kinds] });
  await db.connect(mongoSettings());
  await db.createDb();
  const query = db.query(Kinds);
  /** Returns the types of the numbers of a document. */
  const types = async (id: number) => {
    const [found] = await db.collection(Kinds).aggregate([
      { $match: { id } },
      {
        $project: Object.fromEntries([
          ["_id", 0],
          ...["small", "large", "single", "double"].map((name) => [
            name,
            { $type: `$${name}` },
          ]),
        ]),
      },
    ]).toArray();
    return found;
  };
  const start = { small: 1, large: 1n, single: 0.5, double: 0.25 };
  for (
    const [id, by, to] of [
      [1, 1, { small: 2, large: 2n, single: 1.5, double: 1.25 }],
      [2, -1, { small: 0, large: 0n, single: -0.5, double: -0.75 }],
      [3, 2 ** 31 - 2, {
        small: 2 ** 31 - 1,
        large: 2n ** 31n - 1n,
        single: Math.fround(2 ** 31 - 1.5),
        double: 2 ** 31 - 1.75,
      }],
    ] as const
  ) {
    await query.insert({ id, ...start });
    await query.insert({ id: id + 10, ...to });
    const set = {
      small: increment(by),
      large: increment(by),
      single: increment(by),
      double: increment(by),
    };
    await query.updateAll({ filterBy: { id }, set });
    const row = await query.findOne({ filterBy: { id } });
    assert.deepEqual({ ...row }, { id, ...to });
    assert.deepEqual(await types(id), await types(id + 10));
    await query.bulkUpdate([{ id, ...start }]);
    await query.bulkUpdate([{ id, ...set }]);
    assert.deepEqual(await types(id), await types(id + 10));
  }
  await query.updateAll({
    filterBy: { id: 1 },
    set: { double: increment(0.75), single: increment(0.5) },
  });
  await query.insert({ id: 20, small: 2, large: 2n, single: 2, double: 2 });
  assert.deepEqual(await types(1), await types(20));
  await query.updateAll({
    filterBy: { id: 1 },
    set: { large: increment(2n ** 40n), double: increment(2 ** 40) },
  });
  await query.insert({
    id: 21,
    small: 2,
    large: 2n ** 40n,
    single: 2,
    double: 2 ** 40,
  });
  assert.deepEqual(await types(1), await types(21));
  await db.dropDb();
});

standaloneTest(
  "without transactions, an update that a sum stops halfway reports that changed rows stay changed",
  SUITE_MODELS,
  async (db) => {
    const query = db.query(Star);
    await query.bulkInsert(
      stars(0, 3).map((star, index) => ({
        ...star,
        visits: index === 1 ? 2 ** 31 - 1 : 0,
      })),
    );
    const set = { visits: increment(1) };
    const error = await failure(query.updateAll({ filterBy: {}, set }));
    assert.ok(error instanceof CheckError);
    assert.match(error.message, /Rows that were changed .* stay changed/);
    assert.equal(error.outcome, "unknown");
    const partly = await failure(
      query.bulkUpdate([0n, 1n, 2n].map((id) => ({ id, ...set }))),
    );
    assert.ok(partly instanceof CheckError);
    assert.deepEqual(partly.partly, {
      written: [{ id: 0n }],
      unwritten: [{ id: 1n }, { id: 2n }],
      unknown: [],
    });
  },
);
