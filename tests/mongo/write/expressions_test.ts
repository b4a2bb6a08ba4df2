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
