// Commits, updateAll and bulk writes that fail halfway: what stays written, and what the error reports.
import {
  CheckError,
  ConnectionError,
  DuplicateKeyError,
  MongoConnection,
  rowFilter,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { mongoSettings } from "../../support/engines.ts";
import { eventually, opened, test } from "../../support/mongo_case.ts";
import {
  standaloneSettings,
  standaloneTest,
} from "../../support/mongo_standalone.ts";
import {
  ascending,
  failure,
  idsOf,
  range,
  stars,
} from "../../support/mongo_stars.ts";

standaloneTest(
  "after a commit was written in part, rollback and the next commit apply only to the rest",
  SUITE_MODELS,
  async (db) => {
    const query = db.query(Star);
    await query.bulkInsert(stars(0, 6));
    const [zero, one, two, three] = await query.findAll({
      orderBy: { id: "asc" },
    });
    assert.ok(zero && one && two && three);
    query.update(zero, { name: "new 0" });
    query.update(one, { name: "star 5" });
    query.update(two, { name: "new 2" });
    await assert.rejects(db.session.commit(), DuplicateKeyError);
    assert.equal(
      (await query.findOne({ filterBy: { id: 0n } }))?.name,
      "new 0",
    );
    db.session.rollback();
    assert.equal(zero.name, "new 0");
    assert.equal(one.name, "star 1");
    assert.equal(two.name, "star 2");
    query.delete(three);
    query.update(one, { visits: 1 });
    query.update(two, { visits: 2 });
    assert.deepEqual(await db.session.commit(), { updated: 2, deleted: 1 });
    assert.equal(await query.count(), 5);
  },
);

standaloneTest(
  "a commit through middleware that fails halfway lists the rows that it does not delete",
  SUITE_MODELS,
  async (connection) => {
    const db = connection.use(
      rowFilter(({ name }) =>
        name === "star" ? { name: { ne: "hidden" } } : undefined
      ),
    );
    const query = db.query(Star);
    await query.bulkInsert(stars(0, 4));
    await db.withSession(async (session) => {
      const [zero, one, two] = await query.findAll({
        orderBy: { id: "asc" },
      });
      assert.ok(zero && one && two);
      query.update(zero, { name: "new 0" });
      query.update(one, { name: "star 3" });
      query.delete(two);
      const error = await failure(session.commit());
      assert.ok(error instanceof DuplicateKeyError);
      assert.deepEqual(error.partly?.written, [{ id: 0n }]);
      assert.deepEqual(error.partly?.unwritten, [{ id: 1n }, { id: 2n }]);
      session.rollback();
    });
  },
);

test("updateAll of a unique field changes all rows or none, or reports that some may be changed", async () => {
  for (const settings of [mongoSettings(), await standaloneSettings()]) {
    await using db = new MongoConnection({ models: SUITE_MODELS });
    await db.connect(settings);
    await db.createDb();
    const query = db.query(Star);
    await query.bulkInsert(stars(0, 3));
    for (const name of ["new", "star 2"]) {
      const filterBy = name === "new" ? {} : { id: 0n };
      const error = await failure(
        query.updateAll({ filterBy, set: { name } }),
      );
      assert.ok(error instanceof DuplicateKeyError);
      assert.doesNotMatch(error.message, /stay/);
    }
    const names = await query.findAll({ orderBy: { id: "asc" } });
    assert.deepEqual(
      names.map(({ name }) => name),
      ["star 0", "star 1", "star 2"],
    );
    const renamed = { filterBy: { id: 0n }, set: { name: "new" } };
    assert.equal(await query.updateAll(renamed), 1);
    await db.dropDb();
  }
});

test("updateAll that the validator stops halfway reports that changed rows stay changed", async () => {
  const settings = mongoSettings();
  await using db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect(settings);
  await db.createDb();
  const query = db.query(Star);
  await query.bulkInsert(stars(0, 3));
  const client = new MongoClient(settings.URL);
  await client.db(settings.DATABASE).command({
    collMod: "star",
    validator: { $or: [{ id: { $ne: 1 } }, { visits: null }] },
  });
  await client.close();
  const error = await failure(
    query.updateAll({ filterBy: {}, set: { visits: 1 } }),
  );
  assert.ok(error instanceof CheckError);
  assert.match(
    error.message,
    /\. Rows that were changed before the failure stay changed\. Read the rows of the filter to see which$/,
  );
  assert.equal(await query.count({ filterBy: { visits: 1 } }), 1);
  await db.transaction(async (tx) => {
    const error = await failure(
      tx.query(Star).updateAll({ filterBy: {}, set: { visits: 2 } }),
    );
    assert.doesNotMatch(error.message, /stay/);
    throw new Error("no");
  }).catch(() => {});
  await db.dropDb();
});

test("an upsert of few rows with one duplicate key lists the rows it wrote", async () => {
  await using db = await opened();
  const query = db.query(Star);
  await query.bulkInsert([{ id: -1n, name: "star 1" }]);
  const error = await failure(query.bulkUpsert(stars(0, 3)));
  assert.ok(error instanceof DuplicateKeyError);
  assert.deepEqual(idsOf(error.partly?.written), [0n, 2n]);
  assert.deepEqual(idsOf(error.partly?.unwritten), [1n]);
  assert.match(
    error.message,
    /2 rows were written and stay \(id 0, id 2\); 1 row was not written \(id 1\)\. Fix the refused row, then run the call again to write the rest$/,
  );
});

test("if a connection is closed during a bulk insert, the error lists the written rows", async () => {
  const settings = mongoSettings();
  await using other = new MongoConnection({ models: SUITE_MODELS });
  await other.connect(settings);
  await other.createDb();
  const query = other.query(Star);
  const rows = stars(0, 60_000, "x".repeat(500));
  const failing = failure(query.bulkInsert(rows));
  await eventually(async () => {
    if (await query.checkExists()) return;
    throw new ConnectionError("not yet");
  });
  await other.close();
  const { partly } = await failing;
  assert.ok(partly);
  const { written, unwritten, unknown } = partly;
  assert.ok(written.length + unknown.length > 0 && unwritten.length > 0);
  assert.deepEqual(
    ascending([...idsOf(written), ...idsOf(unwritten), ...idsOf(unknown)]),
    range(0, 60_000),
  );
  await other.connect(settings);
  const stored = await other.query(Star).findAll({ select: ["id"] });
  const done = new Set(stored.map(({ id }) => id));
  assert.ok(idsOf(written).every((id) => done.has(id)));
  assert.ok(!idsOf(unwritten).some((id) => done.has(id)));
  await other.dropDb();
});
