// A writer on MongoDB: rows that a validator refuses, and a server without transactions.
import {
  type AnyModel,
  CheckError,
  createWriter,
  DbPluginsError,
  MongoConnection,
  type RejectedRow,
  ValidationError,
} from "@alerce/db-plugins";
import { Stamp, Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { mongoSettings } from "../support/engines.ts";
import { test } from "../support/mongo_case.ts";
import { standaloneSettings } from "../support/mongo_standalone.ts";

type Db = MongoConnection<readonly AnyModel[]>;

/** Opens a database whose stars have at most 8 visits. */
async function opened(
  settings: { URL: string; DATABASE: string },
): Promise<Db> {
  const db = new MongoConnection<readonly AnyModel[]>({ models: SUITE_MODELS });
  await db.connect(settings);
  await db.createDb();
  await using client = new MongoClient(settings.URL);
  await client.db(settings.DATABASE).command({
    collMod: "star",
    validator: { $jsonSchema: { properties: { visits: { maximum: 8 } } } },
  });
  return db;
}

function stars(visits: readonly number[]) {
  return visits.map((visits, index) => ({
    id: BigInt(index),
    name: `s${index}`,
    visits,
  }));
}

test("rows that a validator refuses are set aside, and the transaction is repeated without them", async () => {
  await using db = await opened(mongoSettings());
  const rejected: RejectedRow[] = [];
  await using writer = createWriter(db, {
    onRejected: (row) => void rejected.push(row),
  });
  const visits = Array.from({ length: 40 }, (_, n) => n % 17 === 5 ? 9 : 1);
  writer.insert(Stamp, [{ id: 1 }]);
  writer.insert(Star, stars(visits));
  writer.upsert(Stamp, [{ id: 2 }]);
  assert.deepEqual(await writer.flush(), {
    inserted: 39,
    updated: 0,
    ignored: 0,
    rejected: 3,
  });
  assert.deepEqual(rejected.map(({ index }) => index), [5, 22, 39]);
  assert.equal(await db.query(Star).count(), 37);
  assert.equal(await db.query(Stamp).count(), 2);
  await db.dropDb();
});

test("without onRejected, a row that a validator refuses makes the flush fail, and nothing is written", async () => {
  await using db = await opened(mongoSettings());
  await using writer = createWriter(db);
  writer.insert(Stamp, [{ id: 1 }]);
  writer.insert(Star, stars([1, 9]));
  await assert.rejects(
    writer.flush(),
    (error) => error instanceof CheckError && error.outcome === "not applied",
  );
  assert.equal(await db.query(Stamp).count(), 0);
  await db.dropDb();
});

test("on a standalone server, a flush writes the tables one after the other, and its error lists what was written", async () => {
  await using db = await opened(await standaloneSettings());
  await using writer = createWriter(db);
  writer.insert(Stamp, [{ id: 1 }, { id: 2 }]);
  writer.insert(Star, stars([1, 2]));
  assert.equal((await writer.flush()).inserted, 4);

  // The models check all rows before the first is sent.
  writer.insert(Stamp, [{ id: 3 }]);
  writer.upsert(Star, [{ id: 1n, mag: NaN }]);
  await assert.rejects(
    writer.flush(),
    (error) =>
      error instanceof ValidationError && error.partly === undefined &&
      error.outcome === "not applied",
  );
  assert.equal(await db.query(Stamp).count(), 2);

  const later = [{ id: 5 }];
  writer.insert(Stamp, [{ id: 3 }]);
  writer.insert(Star, [{ id: 50n, name: "x", visits: 9 }]);
  writer.upsert(Stamp, later);
  await assert.rejects(writer.flush(), (error) => {
    assert.ok(error instanceof DbPluginsError);
    assert.equal(error.outcome, "unknown");
    assert.match(
      error.message,
      /no transactions\. Tables written before: stamp; not written: none; partly/,
    );
    assert.deepEqual(error.partly?.written, [{ id: 3 }, ...later]);
    assert.equal(error.partly?.unwritten.length, 1);
    return true;
  });
  assert.equal(await db.query(Stamp).count(), 4);
});

test("on a standalone server, refused rows are set aside too", async () => {
  await using db = await opened(await standaloneSettings());
  const rejected: RejectedRow[] = [];
  await using writer = createWriter(db, {
    onRejected: (row) => void rejected.push(row),
  });
  writer.insert(Stamp, [{ id: 1 }, { id: 2, value: "x" as never }]);
  writer.insert(Star, [{ id: 1n, name: "a" }, { id: 2n, name: "a" }], {
    onConflict: "error",
  });
  const report = await writer.flush();
  assert.deepEqual([report.inserted, report.rejected], [2, 2]);
  assert.deepEqual(
    rejected.map(({ model, index }) => [model, index]),
    [["stamp", 1], ["star", 1]],
  );
});
