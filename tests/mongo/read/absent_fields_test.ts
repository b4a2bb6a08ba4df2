// Documents of other programs may lack fields: each query treats a missing field as null.
import { increment, MongoConnection } from "@alerce/db-plugins";
import {
  Sighting,
  Star,
  SUITE_MODELS,
  Tally,
} from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { mongoSettings } from "../../support/engines.ts";
import { test } from "../../support/mongo_case.ts";
import { removeNulls } from "../../support/remove_nulls.ts";

type Db = MongoConnection<typeof SUITE_MODELS>;

/** Queries whose result nulls decide. */
const QUERIES: Record<string, (db: Db) => Promise<unknown>> = {
  "groups by one field": (db) =>
    db.query(Star).aggregate({
      groupBy: ["visits"],
      count: true,
      min: ["mag", "seen"],
      max: ["mag"],
      orderBy: { visits: "asc" },
    }),
  "groups by two fields": (db) =>
    db.query(Star).aggregate({
      groupBy: ["variable", "kind"],
      count: true,
      countDistinct: ["visits"],
      orderBy: { variable: "asc", kind: "desc" },
    }),
  measures: (db) =>
    db.query(Star).aggregate({
      sum: ["visits", "mag"],
      avg: ["visits"],
      countDistinct: ["kind", "visits"],
      min: ["flux"],
      max: ["uid"],
    }),
  "sums of groups without values": (db) =>
    db.query(Tally).aggregate({
      groupBy: ["level"],
      sum: ["total"],
      max: ["level"],
      orderBy: { level: "desc" },
    }),
  countBy: async (db) =>
    [...await db.query(Star).countBy("kind")].toSorted((one, other) =>
      String(one).localeCompare(String(other))
    ),
  distinct: (db) => db.query(Star).distinct("visits"),
  "filters by null": async (db) => [
    await db.query(Star).count({ filterBy: { mag: null } }),
    await db.query(Star).count({ filterBy: { mag: { ne: 2.12 } } }),
    await db.query(Star).count({ filterBy: { not: { visits: { gt: 1 } } } }),
    await db.query(Star).count({ filterBy: { labels: { isEmpty: false } } }),
  ],
  order: async (db) =>
    (await db.query(Star).findAll({
      orderBy: { seen: "desc", mag: "asc", id: "asc" },
    })).map(({ id, mag }) => [id, mag]),
  "filters by related rows": (db) =>
    db.query(Star).count({
      filterBy: { sightings: { every: { mag: { gt: 0 } } } },
    }),
};

test("queries have the same results whether fields are null or missing", async () => {
  await using db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect(mongoSettings());
  await db.createDb();
  await db.query(Star).bulkInsert([
    { id: 1n, name: "a", visits: 3, mag: 2.12, kind: "O", variable: true },
    {
      id: 2n,
      name: "b",
      visits: 3,
      labels: [],
      uid: "0b0c0ffe-0000-4000-8000-000000000001",
    },
    { id: 3n, name: "c", seen: new Date(0), flux: 0.5 },
    { id: 4n, name: "d" },
    { id: 5n, name: "e", labels: ["x"], kind: "O" },
  ]);
  await db.query(Tally).bulkInsert([
    { id: 1 },
    { id: 2, total: 1n, level: NaN },
    { id: 3, total: 2n },
    { id: 4, level: 1 },
    { id: 5, level: NaN },
  ]);
  await db.query(Sighting).bulkInsert([
    { star: 1n, night: 1, quality: 1, mag: 1 },
    { star: 2n, night: 1, quality: 1 },
    { star: 3n, night: 1, quality: 1 },
  ]);
  const answers = async () => {
    const found: Record<string, unknown> = {};
    for (const [name, ask] of Object.entries(QUERIES)) {
      found[name] = await ask(db);
    }
    return found;
  };
  const expected = await answers();
  // Half of the documents lack their nulls, so that a null and a missing field meet in one group.
  for (const key of [{ id: { $in: [2, 3] } }, {}]) {
    for (const model of [Star, Tally, Sighting]) {
      await removeNulls(db, model, key);
    }
    assert.deepEqual(await answers(), expected);
  }
  await db.dropDb();
});

test("writes treat a missing field as null", async () => {
  await using db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect(mongoSettings());
  await db.createDb();
  const query = db.query(Star);
  await query.bulkInsert([{ id: 1n, name: "a" }, { id: 2n, name: "b" }]);
  await removeNulls(db, Star, { id: 2 });
  const rows = async () =>
    (await query.findAll({ orderBy: { id: "asc" } })).map((
      { mag, flux, visits },
    ) => [mag, flux, visits]);
  await query.updateAll({
    filterBy: {},
    set: { visits: increment(1), flux: increment(0.5), mag: increment(1) },
  });
  assert.deepEqual(await rows(), [[null, null, null], [null, null, null]]);
  const given = [1n, 2n].map((id) => ({
    id,
    name: `s${id}`,
    visits: 4,
    mag: 1,
  }));
  assert.deepEqual(
    await query.bulkUpsert(given, {
      merge: { visits: "least", mag: "ifNull", flux: "greatest" },
    }),
    { inserted: 0, updated: 2, unchanged: 0 },
  );
  assert.deepEqual(await rows(), [[1, null, 4], [1, null, 4]]);
  assert.deepEqual(
    await query.bulkUpsert([1n, 2n].map((id) => ({ id, flux: null }))),
    { inserted: 0, updated: 0, unchanged: 2 },
  );
  await db.dropDb();
});
