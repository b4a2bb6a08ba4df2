// Writes of a few rows are one command, with the same result and errors as writes of many.
import {
  DuplicateKeyError,
  MongoConnection,
  type QueryEvent,
} from "@alerce/db-plugins";
import { Sighting, Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { mongoSettings } from "../../support/engines.ts";
import { opened, test } from "../../support/mongo_case.ts";
import { failure, idsOf, stars } from "../../support/mongo_stars.ts";

const night = (index: number, mag: number | null = null) => ({
  star: BigInt(index),
  night: 1,
  mag,
  quality: 1,
});

test("a write of a few rows sends one command", async () => {
  const events: QueryEvent[] = [];
  await using db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect(mongoSettings(), { onQuery: (event) => events.push(event) });
  await db.createDb();
  const query = db.query(Sighting);
  const sentBy = async (work: () => Promise<unknown>): Promise<string[]> => {
    events.length = 0;
    await work();
    return events.map(({ text }) => text);
  };
  try {
    for (const rows of [[night(1)], [night(2), night(3), night(3, 4)]]) {
      const { length } = rows;
      assert.equal((await sentBy(() => query.bulkInsert(rows))).length, 1);
      for (const mag of [5, 5, 6]) {
        const changed = rows.map((row) => ({ ...row, mag }));
        const sent = await sentBy(() => query.bulkUpsert(changed));
        assert.equal(sent.length, 1, `${length} rows: ${sent}`);
      }
    }
  } finally {
    await db.dropDb();
  }
});

test("an upsert counts the same for few rows and for many", async () => {
  await using db = await opened([Sighting]);
  const query = db.query(Sighting);
  for (const count of [1, 2, 16, 17, 80, 1_200]) {
    await query.deleteAll({ filterBy: {}, all: true });
    const rows = Array.from({ length: count }, (_, index) => night(index));
    const zero = { inserted: 0, updated: 0, unchanged: 0 };
    const upsert = (mag: number | null) =>
      query.bulkUpsert(rows.map((row) => ({ ...row, mag })));
    assert.deepEqual(await upsert(null), { ...zero, inserted: count });
    assert.deepEqual(await upsert(null), { ...zero, unchanged: count });
    assert.deepEqual(await upsert(1), { ...zero, updated: count });
    const twice = [night(0, 7), night(0, 8), night(-1, 1), night(-1, 2)];
    assert.deepEqual(await query.bulkUpsert(twice), {
      inserted: 1,
      updated: 1,
      unchanged: 2,
    });
    const { mag } = await query.findOne({ filterBy: { star: 0n } }) ??
      assert.fail();
    assert.equal(mag, 8);
    await query.deleteAll({ filterBy: { star: -1n } });
    // Every other row is new.
    const mixed = rows.flatMap(({ star, ...row }) => [
      { ...row, star, mag: 9 },
      { ...row, star: star + 10_000n, mag: null },
    ]);
    const given = structuredClone(mixed);
    assert.deepEqual(await query.bulkUpsert(mixed), {
      inserted: count,
      updated: count,
      unchanged: 0,
    });
    assert.deepEqual(mixed, given);
    assert.equal(await query.count({ filterBy: { mag: 9 } }), count);
  }
});

test("an insert of few rows ignores existing ones, and refuses them on request", async () => {
  await using db = await opened();
  const query = db.query(Star);
  assert.deepEqual(await query.bulkInsert(stars(0, 1)), {
    inserted: 1,
    ignored: 0,
  });
  assert.deepEqual(await query.bulkInsert(stars(0, 1)), {
    inserted: 0,
    ignored: 1,
  });
  assert.deepEqual(await query.bulkInsert(stars(0, 3)), {
    inserted: 2,
    ignored: 1,
  });
  assert.deepEqual(await query.bulkInsert([]), { inserted: 0, ignored: 0 });
  const error = await failure(
    query.bulkInsert(stars(0, 1), { onConflict: "error" }),
  );
  assert.ok(error instanceof DuplicateKeyError);
  assert.deepEqual(error.fields, ["id"]);
});

test("a duplicate of another unique key fails an upsert of one row", async () => {
  await using db = await opened();
  const query = db.query(Star);
  await query.bulkInsert(stars(0, 1));
  const error = await failure(query.bulkUpsert([{ id: 1n, name: "star 0" }]));
  assert.ok(error instanceof DuplicateKeyError);
  assert.deepEqual(error.fields, ["name"]);
});

test("a few rows without the confirmation of the write concern may or may not be written", async () => {
  await using db = new MongoConnection({ models: SUITE_MODELS });
  const settings = { ...mongoSettings(), W: 3, WTIMEOUT_MS: 200 };
  const { DATABASE } = settings;
  await using other = new MongoConnection({ models: SUITE_MODELS });
  await other.connect({ ...mongoSettings(), DATABASE });
  await other.createDb();
  await db.connect(settings);
  try {
    for (const rows of [stars(0, 1), stars(1, 4)]) {
      const { partly } = await failure(db.query(Star).bulkInsert(rows));
      assert.deepEqual(idsOf(partly?.unknown), rows.map(({ id }) => id));
    }
    for (const rows of [[night(1)], [night(2), night(3)]]) {
      const { partly } = await failure(db.query(Sighting).bulkUpsert(rows));
      assert.equal(partly?.unknown.length, rows.length);
    }
    assert.equal(await other.query(Sighting).count(), 3);
  } finally {
    await other.dropDb();
  }
});
