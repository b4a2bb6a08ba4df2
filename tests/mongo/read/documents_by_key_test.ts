// Documents looked up by keys of several fields.
import { Sighting, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { mongoConfig } from "../../../src/mongo/driver/config.ts";
import { openMongo } from "../../../src/mongo/driver/open_mongo.ts";
import { documentsByKey } from "../../../src/mongo/read/documents_by_key.ts";
import { mongoSettings } from "../../support/engines.ts";
import { opened, test } from "../../support/mongo_case.ts";

/** As many stars as nights: a filter with one list per field matches a row for each pair. */
const SIDE = 40;

const sightings = Array.from({ length: SIDE * SIDE }, (_, index) => ({
  star: BigInt(Math.floor(index / SIDE)),
  night: index % SIDE,
  mag: null,
  quality: 1,
}));
const diagonal = sightings.filter(({ star, night }) => Number(star) === night);

test("every key of several fields is found, even if the single values match far more rows", async () => {
  const settings = mongoSettings();
  const driver = await openMongo(mongoConfig(settings, "Settings"), {
    source: "Settings",
    models: SUITE_MODELS,
  });
  try {
    await driver.db.collection("sighting").insertMany(
      sightings.map((row) => ({ ...row })),
    );
    const key = Sighting.fields.filter(({ name }) =>
      name === "star" || name === "night"
    );
    const found = await documentsByKey(
      driver,
      Sighting,
      key,
      diagonal.map(({ star, night }) => [star, night]),
    );
    assert.deepEqual(
      [...found.values()].map(({ star, night }) => [star, night]),
      diagonal.map(({ star, night }) => [star, night]),
    );
  } finally {
    await driver.db.dropDatabase();
    await driver.close();
  }
});

test("an upsert and an insert of such keys find every existing row", async () => {
  await using db = await opened();
  const query = db.query(Sighting);
  await query.bulkInsert(sightings);
  const changed = diagonal.map((row) => ({ ...row, mag: 2 }));
  assert.deepEqual(await query.bulkUpsert(changed), {
    inserted: 0,
    updated: SIDE,
    unchanged: 0,
  });
  const ignored = await db.transaction((tx) =>
    tx.query(Sighting).bulkInsert(diagonal)
  );
  assert.deepEqual(ignored, { inserted: 0, ignored: SIDE });
  assert.equal(await query.count({ filterBy: { mag: 2 } }), SIDE);
});
