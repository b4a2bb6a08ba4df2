// What the error of a bulk write that fails midway says: which rows are written, which are not, and of which nothing is known.
import {
  CheckError,
  ConnectionError,
  DbPluginsError,
  DuplicateKeyError,
  type QueryEvent,
  ValidationError,
} from "@alerce/db-plugins";
import { MongoConnection } from "@alerce/db-plugins/mongo";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { mongoSettings } from "./engines.ts";
import { eventually, opened, test } from "./mongo_case.ts";
import { startMongo } from "./mongo_server.ts";

const stars = (from: number, to: number, notes?: string) =>
  Array.from({ length: to - from }, (_, place) => ({
    id: BigInt(from + place),
    name: `star ${from + place}`,
    notes,
  }));

const idsOf = (keys: readonly object[] = []): readonly bigint[] =>
  keys.map((key) => {
    assert.deepEqual(Object.keys(key), ["id"]);
    return Reflect.get(key, "id");
  });

const range = (from: number, to: number): readonly bigint[] =>
  stars(from, to).map(({ id }) => id);

const ascending = (ids: readonly bigint[]) =>
  ids.toSorted((left, right) => Number(left - right));

async function failure(work: Promise<unknown>): Promise<DbPluginsError> {
  const error: unknown = await work.then(
    () => assert.fail("It did not fail"),
    (error) => error,
  );
  assert.ok(error instanceof DbPluginsError, Deno.inspect(error));
  return error;
}

test("an upsert that meets another key that is taken names that row and what comes after its batch", async () => {
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
    /Running it again completes it, once what was refused is mended$/,
  );
  // Rows that are there and change come by another way, and one that changes without a look by a third.
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

test("what a collection's rules refuse in the midst of an insert is told from what was written beside it, and no event holds keys", async () => {
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
  const rows = stars(0, 40_000).map((row) => ({
    ...row,
    visits: Number(row.id) === 7_007 ? 9 : 0,
  }));
  const error = await failure(query.bulkInsert(rows));
  assert.ok(error instanceof CheckError);
  const written = idsOf(error.partly?.written);
  const unwritten = idsOf(error.partly?.unwritten);
  assert.ok(written.length >= 9_999);
  assert.ok(unwritten.includes(7_007n));
  assert.deepEqual(ascending([...written, ...unwritten]), range(0, 40_000));
  assert.equal(await query.count(), written.length);
  const told = events.flatMap(({ error }) => error?.message ?? []);
  assert.equal(told.length, 1);
  assert.doesNotMatch(told.join(), /\bid \d/);
  await db.dropDb();
});

test("a source that fails when some of it is written is told with what was", async () => {
  await using db = await opened();
  const query = db.query(Star);
  function* source() {
    yield* stars(0, 91_234, "x".repeat(1_000));
    yield { id: -1n, name: "bad", visits: NaN };
  }
  const error = await failure(query.bulkInsert(source()));
  assert.ok(error instanceof ValidationError);
  const { written = [], unwritten = [], unknown } = error.partly ?? {};
  assert.ok(written.length > 50_000);
  assert.deepEqual(unknown, []);
  assert.deepEqual(
    ascending([...idsOf(written), ...idsOf(unwritten)]),
    range(0, 91_234),
  );
  assert.equal(await query.count(), written.length);
});

for (
  const [way, before] of [
    ["bulkInsert", false],
    ["bulkUpsert", false],
    ["bulkUpsert", true],
  ] as const
) {
  const there = before ? "there" : "new";
  test(`a server that dies in a ${way} of rows that are ${there} leaves rows of which nothing is known, and the others are as they are said to be`, async () => {
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
      const old = stars(0, before ? 30_000 : 60_000, "x".repeat(1_000));
      if (before) await query.bulkInsert(old);
      const rows = old.map((row) => ({ ...row, visits: 1 }));
      const filterBy = { visits: 1 };
      const failing = failure(query[way](rows));
      await eventually(async () => {
        if (await query.checkExists({ filterBy })) return;
        throw new ConnectionError("not yet");
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
      await eventually<object>(() => query[way](rows));
      assert.equal(await query.count({ filterBy }), rows.length);
    } finally {
      await server.stop();
    }
  });
}

test("an insert without a transaction that meets a key that is taken names what it wrote before, and again with ignore completes it", async () => {
  const server = await startMongo({ standalone: true });
  try {
    await using db = new MongoConnection({ models: SUITE_MODELS });
    await db.connect({ URL: server.url, DATABASE: "d" });
    await db.createDb();
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
      'Cannot write star: the key name is taken. 5000 rows were written and stay (id 0, id 1, id 2, id 3, id 4 and 4995 more); 7000 rows were not written (id 5000, id 5001, id 5002, id 5003, id 5004 and 6995 more). Running it again with onConflict: "ignore" completes it',
    );
    assert.equal(await query.count(), 5_001);
    assert.deepEqual(await query.bulkInsert(rows), {
      inserted: 6_999,
      ignored: 5_001,
    });
  } finally {
    await server.stop();
  }
});

test("a commit on a server without transactions names the rows that it changed before it failed", async () => {
  const server = await startMongo({ standalone: true });
  try {
    await using db = new MongoConnection({ models: SUITE_MODELS });
    await db.connect({ URL: server.url, DATABASE: "d" });
    await db.createDb();
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
  } finally {
    await server.stop();
  }
});

test("a commit that was written in part keeps what the database has: only the rest is given back, and committed again", async () => {
  const server = await startMongo({ standalone: true });
  try {
    await using db = new MongoConnection({ models: SUITE_MODELS });
    await db.connect({ URL: server.url, DATABASE: "d" });
    await db.createDb();
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
  } finally {
    await server.stop();
  }
});

test("updateAll that sets a unique field changes every row or none, or says that some may be changed", async () => {
  const server = await startMongo({ standalone: true });
  try {
    for (const transactions of [true, false]) {
      await using db = transactions
        ? await opened()
        : new MongoConnection({ models: SUITE_MODELS });
      if (!transactions) {
        await db.connect({ URL: server.url, DATABASE: "d" });
        await db.createDb();
      }
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
    }
  } finally {
    await server.stop();
  }
});

test("updateAll that a collection's rules stop midway says that what was changed stays", async () => {
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
    /\. Rows that were changed before it failed stay changed$/,
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

test("an upsert of few rows of which one has a key that is taken says what it wrote", async () => {
  await using db = await opened();
  const query = db.query(Star);
  await query.bulkInsert([{ id: -1n, name: "star 1" }]);
  const error = await failure(query.bulkUpsert(stars(0, 3)));
  assert.ok(error instanceof DuplicateKeyError);
  assert.deepEqual(idsOf(error.partly?.written), [0n, 2n]);
  assert.deepEqual(idsOf(error.partly?.unwritten), [1n]);
  assert.match(
    error.message,
    /2 rows were written and stay \(id 0, id 2\); 1 rows were not written \(id 1\)\. Running it again completes it, once what was refused is mended$/,
  );
});

test("a connection that is closed in a bulk insert leaves an error with what was written", async () => {
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
  const there = await other.query(Star).findAll({ select: ["id"] });
  const done = new Set(there.map(({ id }) => id));
  assert.ok(idsOf(written).every((id) => done.has(id)));
  assert.ok(!idsOf(unwritten).some((id) => done.has(id)));
  await other.dropDb();
});
