// The error of a bulk write that fails halfway lists written, unwritten and uncertain rows.
import {
  CheckError,
  ConnectionError,
  DuplicateKeyError,
  MongoConnection,
  type QueryEvent,
  ValidationError,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { mongoSettings } from "../../support/engines.ts";
import { eventually, opened, test } from "../../support/mongo_case.ts";
import { startMongo } from "../../support/mongo_server.ts";
import { standaloneTest } from "../../support/mongo_standalone.ts";
import {
  ascending,
  failure,
  idsOf,
  range,
  stars,
} from "../../support/mongo_stars.ts";

test("an upsert that meets a duplicate of another unique key lists that row and the rows after its batch as unwritten", async () => {
  await using db = await opened();
  const query = db.query(Star);
  await query.bulkInsert([{ id: -1n, name: "star 8000" }]);
  const rows = stars(0, 12_000);
  const { partly, message } = await failure(query.bulkUpsert(rows));
  const unwritten = [8_000n, ...range(10_000, 12_000)];
  assert.deepEqual(idsOf(partly?.unwritten), unwritten);
  assert.deepEqual(
    idsOf(partly?.written),
    range(0, 10_000).filter((id) => id !== 8_000n),
  );
  assert.deepEqual(partly?.unknown, []);
  assert.match(message, /2001 rows were not written \(id 8000, id 10000/);
  assert.match(
    message,
    /Fix the refused row, then run the call again to write the rest$/,
  );
  // Existing rows that change are written by other code, and rows that change without a read by yet another.
  for (let round = 1; round < 3; round++) {
    const changed = rows.map((row) => ({ ...row, visits: round }));
    const again = await failure(query.bulkUpsert(changed));
    const written = idsOf(again.partly?.written);
    assert.deepEqual(
      ascending([...written, ...idsOf(again.partly?.unwritten)]),
      range(0, 12_000),
    );
    assert.ok(written.length >= 5_000 && !written.includes(8_000n));
    assert.equal(
      await query.count({ filterBy: { visits: round } }),
      written.length,
    );
  }
  await query.deleteAll({ filterBy: { id: -1n } });
  const { inserted } = await query.bulkUpsert(rows);
  assert.equal(inserted, 2_001);
  assert.equal(await query.count(), 12_000);
});

test("a row that the validator refuses within an insert is listed apart from the written rows, and events contain no keys", async () => {
  const events: QueryEvent[] = [];
  const settings = mongoSettings();
  await using db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect(settings, { onQuery: (event) => events.push(event) });
  await db.createDb();
  const client = new MongoClient(settings.URL);
  await client.db(settings.DATABASE).command({
    collMod: "star",
    validator: { $jsonSchema: { properties: { visits: { maximum: 8 } } } },
  });
  await client.close();
  const query = db.query(Star);
  const rows = stars(0, 25_000).map((row) => ({
    ...row,
    visits: Number(row.id) === 7_007 ? 9 : 0,
  }));
  const error = await failure(query.bulkInsert(rows));
  assert.ok(error instanceof CheckError);
  const written = idsOf(error.partly?.written);
  const unwritten = idsOf(error.partly?.unwritten);
  assert.ok(written.length >= 9_999);
  assert.ok(unwritten.includes(7_007n));
  assert.deepEqual(ascending([...written, ...unwritten]), range(0, 25_000));
  assert.equal(await query.count(), written.length);
  const messages = events.flatMap(({ error }) => error?.message ?? []);
  assert.equal(messages.length, 1);
  assert.doesNotMatch(messages.join(), /\bid \d/);
  await db.dropDb();
});

test("if the source of rows fails after some are written, the error lists them", async () => {
  await using db = await opened();
  const query = db.query(Star);
  function* source() {
    yield* stars(0, 5_734, "x".repeat(16_000));
    yield { id: -1n, name: "bad", visits: NaN };
  }
  const error = await failure(query.bulkInsert(source()));
  assert.ok(error instanceof ValidationError);
  assert.doesNotMatch(error.message, /No row was written/);
  const { written = [], unwritten = [], unknown } = error.partly ?? {};
  assert.ok(written.length > 3_000);
  assert.deepEqual(unknown, []);
  assert.deepEqual(
    ascending([...idsOf(written), ...idsOf(unwritten)]),
    range(0, 5_734),
  );
  assert.equal(await query.count(), written.length);
});

for (
  const [method, before] of [
    ["bulkInsert", false],
    ["bulkUpsert", false],
    ["bulkUpsert", true],
  ] as const
) {
  const existing = before ? "existing" : "new";
  test(`after a server crash in a ${method} of ${existing} rows, the error lists uncertain rows, and is right about the others`, async () => {
    const server = await startMongo();
    try {
      await using db = new MongoConnection({ models: SUITE_MODELS });
      await db.connect({
        URL: server.url,
        DATABASE: "d",
        SERVER_SELECTION_TIMEOUT_MS: 3_000,
      });
      await db.createDb();
      const query = db.query(Star);
      const old = stars(0, before ? 22_500 : 30_000, "x".repeat(2_000));
      if (before) await query.bulkInsert(old);
      const rows = old.map((row) => ({ ...row, visits: 1 }));
      const filterBy = { visits: 1 };
      const write = (): Promise<object> =>
        method === "bulkInsert"
          ? query.bulkInsert(rows)
          : query.bulkUpsert(rows);
      const failing = failure(write());
      const admin = db.collection(Star).db.admin();
      await eventually(async () => {
        // The server is killed during a write: a read between two writes leaves no row uncertain.
        const isWriting = await query.checkExists({ filterBy }) &&
          (await admin.command({
              currentOp: true,
              ns: "d.star",
              op: { $in: ["insert", "update"] },
            })).inprog.length > 0;
        if (!isWriting) throw new ConnectionError("not yet");
      });
      await server.kill();
      const { partly, message } = await failing;
      assert.ok(partly);
      const [written, unwritten, unknown] = [
        idsOf(partly.written),
        idsOf(partly.unwritten),
        idsOf(partly.unknown),
      ];
      assert.deepEqual(
        ascending([...written, ...unwritten, ...unknown]),
        range(0, rows.length),
      );
      assert.ok(unknown.length > 0 && unwritten.length > 0);
      assert.match(message, /may or may not be written \(id \d+, /);
      await server.restart();
      const found = await eventually(() =>
        query.findAll({ filterBy, select: ["id"] })
      );
      const done = new Set(found.map(({ id }) => id));
      assert.ok(written.every((id) => done.has(id)));
      assert.ok(!unwritten.some((id) => done.has(id)));
      await eventually(write);
      assert.equal(await query.count({ filterBy }), rows.length);
    } finally {
      await server.stop();
    }
  });
}

standaloneTest(
  "an insert without a transaction that meets a duplicate key lists the rows written before, and a second call with ignore writes the rest",
  SUITE_MODELS,
  async (db) => {
    const query = db.query(Star);
    await query.bulkInsert([{ id: -1n, name: "star 8000" }]);
    const rows = stars(0, 12_000);
    const error = await failure(
      query.bulkInsert(rows, { onConflict: "error" }),
    );
    assert.ok(error instanceof DuplicateKeyError);
    assert.deepEqual(idsOf(error.partly?.written), range(0, 5_000));
    assert.deepEqual(idsOf(error.partly?.unwritten), range(5_000, 12_000));
    assert.deepEqual(error.partly?.unknown, []);
    assert.equal(
      error.message,
      'Cannot write star: a row with the same name already exists. 5000 rows were written and stay (id 0, id 1, id 2, id 3, id 4 and 4995 more); 7000 rows were not written (id 5000, id 5001, id 5002, id 5003, id 5004 and 6995 more). Run the call again with onConflict: "ignore" to write the rest',
    );
    assert.equal(await query.count(), 5_001);
    assert.deepEqual(await query.bulkInsert(rows), {
      inserted: 6_999,
      ignored: 5_001,
    });
  },
);

standaloneTest(
  "a commit on a server without transactions lists the rows changed before the failure",
  SUITE_MODELS,
  async (db) => {
    const query = db.query(Star);
    await query.bulkInsert(stars(0, 6));
    const rows = range(0, 5).map((id) => ({
      id,
      name: id === 3n ? "star 5" : `other ${id}`,
    }));
    const bulk = await failure(query.bulkUpdate(rows));
    assert.ok(bulk instanceof DuplicateKeyError);
    assert.deepEqual(idsOf(bulk.partly?.written), [0n, 1n, 2n]);
    assert.deepEqual(idsOf(bulk.partly?.unwritten), [3n, 4n]);
    assert.equal(
      await query.count({ filterBy: { name: { like: "other%" } } }),
      3,
    );
    const found = await query.findAll({ orderBy: { id: "asc" } });
    for (const row of found.slice(0, 5)) {
      query.update(row, { name: row.id === 3n ? "star 5" : `new ${row.id}` });
    }
    const commit = await failure(db.session.commit());
    assert.deepEqual(idsOf(commit.partly?.written), [0n, 1n, 2n]);
    assert.deepEqual(idsOf(commit.partly?.unwritten), [3n, 4n]);
  },
);
