// `collection` returns the driver's collection, with the read options of this package.
import {
  type AnyModel,
  defineModel,
  MongoConnection,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { z } from "zod";
import { mongoSettings } from "../../support/engines.ts";
import { test, untyped } from "../../support/mongo_case.ts";

const Renamed = defineModel("comet", {
  table: "comet_of_old",
  fields: z.object({ id: z.int64(), mag: z.float64().nullable() }),
  primaryKey: ["id"],
});
const MODELS: readonly AnyModel[] = [...SUITE_MODELS, Renamed];
const BEYOND = 2n ** 60n;

test("aggregate on a model's collection accepts and returns exact 64-bit integers", async () => {
  const db = new MongoConnection({ models: MODELS });
  await db.connect(mongoSettings());
  await db.createDb();
  await db.query(Star).bulkInsert([
    { id: BEYOND + 1n, name: "a", mag: 1 },
    { id: BEYOND + 2n, name: "b", mag: 1 },
    { id: 3n, name: "c", mag: 2 },
  ]);
  const stars = db.collection(Star);
  const [group] = await stars.aggregate([
    { $match: { id: { $gt: BEYOND } } },
    {
      $group: {
        _id: "$mag",
        most: { $max: "$id" },
        all: { $push: "$id" },
      },
    },
    { $set: { all: { $sortArray: { input: "$all", sortBy: 1 } } } },
  ]).toArray();
  assert.deepEqual(group, {
    _id: 1,
    most: BEYOND + 2n,
    all: [BEYOND + 1n, BEYOND + 2n],
  });
  const [least] = await stars.aggregate([{ $sort: { id: 1 } }, {
    $project: { _id: 0, id: 1 },
  }]).toArray();
  assert.deepEqual(least, { id: 3n });
  await db.dropDb();
  await db.close();
});

test("a model's collection is named by its table, not by the model", async () => {
  const db = new MongoConnection({ models: MODELS });
  await db.connect(mongoSettings());
  await db.createDb();
  await db.query(Renamed).bulkInsert([{ id: BEYOND, mag: 1 }]);
  const comets = db.collection(Renamed);
  assert.equal(comets.collectionName, "comet_of_old");
  assert.equal((await comets.findOne(untyped({ id: BEYOND })))?.mag, 1);
  await db.dropDb();
  await db.close();
});
