// Limits of calls on MongoDB: the server's work ends too.
import {
  ConnectionError,
  MongoConnection,
  type QueryEvent,
  TimeoutError,
  TransactionError,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { mongoSettings } from "../../support/engines.ts";
import { pause } from "../../../src/base/pause.ts";
import { startProxy } from "../../support/proxy.ts";
import { test } from "../../support/mongo_case.ts";
import {
  ascending,
  failure,
  idsOf,
  range,
  stars,
} from "../../support/mongo_stars.ts";
import { untilEqual } from "../../support/waiting.ts";

type Db = MongoConnection<typeof SUITE_MODELS>;

async function opened(
  settings: object = {},
  onQuery?: (event: QueryEvent) => void,
): Promise<Db> {
  const db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect({ ...mongoSettings(), ...settings }, {
    ...(onQuery === undefined ? {} : { onQuery }),
  });
  await db.createDb();
  return db;
}

async function dropped(db: Db): Promise<void> {
  await db.collection(Star).db.dropDatabase();
  await db.close();
}

/** Replaces the collection of stars by a view that takes minutes for two rows. */
async function makeSlow(db: Db): Promise<void> {
  await db.query(Star).bulkInsert(stars(1, 3));
  const { db: database } = db.collection(Star);
  await database.renameCollection("star", "fast_star");
  await database.createCollection("star", {
    viewOn: "fast_star",
    pipeline: [{
      $match: {
        $expr: {
          $function: {
            body: "function() { sleep(100000); return true; }",
            args: [],
            lang: "js",
          },
        },
      },
    }],
  });
}

/** Waits until the server runs no command on the database. */
async function assertIdle(db: Db): Promise<void> {
  const { db: database } = db.collection(Star);
  const admin = database.client.db("admin");
  await untilEqual("the running commands", () =>
    admin.aggregate([
      { $currentOp: { allUsers: true, idleSessions: true } },
      { $match: { ns: { $regex: `^${database.databaseName}\\.` } } },
    ]).toArray(), []);
}

function isLate(error: unknown): true {
  assert.ok(error instanceof TimeoutError, Deno.inspect(error));
  return true;
}

test("a read that reaches its limit ends on the server", async () => {
  const db = await opened();
  await makeSlow(db);
  const limit = { timeout: 150 };
  await assert.rejects(db.query(Star).findAll(limit), isLate);
  await assert.rejects(db.query(Star).count(limit), isLate);
  await assert.rejects(db.query(Star).checkExists(limit), isLate);
  await assert.rejects(db.query(Star).find({ ...limit, perPage: 1 }), isLate);
  await assert.rejects(
    Array.fromAsync(db.query(Star).stream({ ...limit })),
    isLate,
  );
  await assertIdle(db);
  await dropped(db);
});

test("a read of other members than the primary ends on the server too", async () => {
  const db = await opened({ READ_PREFERENCE: "primaryPreferred" });
  await makeSlow(db);
  await assert.rejects(db.query(Star).findAll({ timeout: 150 }), isLate);
  await assertIdle(db);
  await dropped(db);
});

test("a write that waits for another transaction ends with its limit and changes nothing", async () => {
  const db = await opened();
  await db.query(Star).bulkInsert(stars(1, 3));
  const other = new MongoConnection({ models: SUITE_MODELS });
  const { databaseName: DATABASE } = db.collection(Star).db;
  await other.connect({ ...mongoSettings(), DATABASE });
  await other.transaction(async (tx) => {
    await tx.query(Star).updateAll({ filterBy: { id: 1n }, set: { mag: 1 } });
    const error = await failure(
      db.query(Star).updateAll({ filterBy: {}, set: { mag: 9 }, timeout: 150 }),
    );
    isLate(error);
  });
  await other.close();
  await assertIdle(db);
  const left = await db.query(Star).findAll({ orderBy: { id: "asc" } });
  assert.equal(left[0]?.mag, 1);
  await dropped(db);
});

test("a call in a transaction that reaches its limit ends the transaction on the server", async () => {
  const db = await opened();
  await makeSlow(db);
  await assert.rejects(
    db.transaction(async (tx) => {
      await assert.rejects(tx.query(Star).findAll({ timeout: 150 }), isLate);
    }),
    TransactionError,
  );
  await assert.rejects(
    db.transaction((tx) => tx.query(Star).findAll(), { timeout: 150 }),
    isLate,
  );
  await assertIdle(db);
  await dropped(db);
});

test("an aborted bulk write outside a transaction lists its rows in partly", async () => {
  const controller = new AbortController();
  const reason = new Error("stop");
  let inserts = 0;
  const db = await opened({}, ({ text }) => {
    if (text.startsWith("insert") && ++inserts === 1) controller.abort(reason);
  });
  inserts = 0;
  const rows = stars(0, 40_000, "x".repeat(100));
  await assert.rejects(
    db.query(Star).bulkInsert(rows, { signal: controller.signal }),
    (error) => error === reason,
  );
  const partly = Reflect.get(reason, "partly");
  const ids = idsOf([
    ...partly.written,
    ...partly.unwritten,
    ...partly.unknown,
  ]);
  assert.deepEqual(ascending(ids), range(0, 40_000));
  await assertIdle(db);
  const existing = await db.query(Star).findAll({ select: ["id"] });
  const stored = new Set(existing.map(({ id }) => id));
  assert.ok(idsOf(partly.written).every((id) => stored.has(id)));
  assert.ok(!idsOf(partly.unwritten).some((id) => stored.has(id)));
  assert.ok(idsOf(partly.written).length >= 5_000);
  assert.ok(idsOf(partly.unwritten).length > 0);
  await db.query(Star).bulkInsert(rows);
  assert.equal(await db.query(Star).count(), 40_000);
  await dropped(db);
});

test("CALL_TIMEOUT ends a command that the server does not answer", async () => {
  const settings = mongoSettings();
  const owner = await opened(settings);
  await owner.query(Star).bulkInsert(stars(0, 10));
  const db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect({ ...settings, CALL_TIMEOUT: 200 });
  // A busy server may reach the limit of one.
  await untilEqual("a read within the limit", async () => {
    const read = Array.fromAsync(db.query(Star).stream({ batchSize: 3 }));
    return (await read.catch(() => [])).length;
  }, 10);
  await owner.query(Star).deleteAll({ filterBy: {}, all: true });
  await makeSlow(owner);
  for (
    const call of [
      () => db.query(Star).findAll(),
      () => db.transaction((tx) => tx.query(Star).count()),
    ]
  ) {
    const error = await failure(call());
    isLate(error);
    assert.match(
      error.message,
      /MongoDB at .* did not answer within CALL_TIMEOUT \(200 ms\)/,
    );
  }
  await assertIdle(owner);
  await db.close();
  await dropped(owner);
});

test("calls with limits leave no session open", async () => {
  const db = await opened();
  await db.query(Star).bulkInsert(stars(0, 10));
  for (let round = 0; round < 20; round++) {
    const controller = new AbortController();
    const calls = [
      db.query(Star).findAll({ signal: controller.signal }),
      db.query(Star).count({ timeout: 60_000 }),
      Array.fromAsync(db.query(Star).stream({ timeout: 60_000, batchSize: 2 })),
      db.transaction((tx) => tx.query(Star).count(), { timeout: 60_000 }),
    ];
    if (round % 2 === 0) controller.abort();
    await Promise.allSettled(calls);
  }
  const { client } = db.collection(Star).db;
  const sessions = Reflect.get(Reflect.get(client, "s"), "activeSessions");
  await untilEqual("the open sessions", () => sessions.size, 0);
  await dropped(db);
});

/** A connection through a proxy that holds the commands with a word, for ever by default. */
async function swallowing(
  word: string,
  settings: object = {},
  hold: () => Promise<unknown> = () => new Promise(() => {}),
): Promise<{ db: Db; direct: Db; close: () => Promise<void> }> {
  const { URL: url, DATABASE } = mongoSettings();
  const setUp = new MongoConnection({ models: SUITE_MODELS });
  await setUp.connect({ URL: url, DATABASE });
  await setUp.createDb();
  const address = new URL(url);
  const proxy = startProxy(Number(address.port), word, hold);
  address.port = String(proxy.port);
  address.searchParams.delete("replicaSet");
  address.searchParams.set("directConnection", "true");
  const db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect({
    URL: address.href,
    DATABASE,
    ...settings,
  });
  return {
    db,
    direct: setUp,
    async close() {
      await db.close();
      proxy.close();
      await dropped(setUp);
    },
  };
}

test("a command that arrives after the request to end it ends too", async () => {
  const arrived = Promise.withResolvers<void>();
  const { db, direct, close } = await swallowing(
    "find",
    {},
    () => pause(600).then(arrived.resolve),
  );
  await makeSlow(direct);
  await assert.rejects(db.query(Star).findAll({ timeout: 150 }), isLate);
  await arrived.promise;
  await pause(200);
  await assertIdle(direct);
  await close();
});

test("a call ends with its limit if the network swallows its command", async () => {
  const { db, close } = await swallowing("update");
  const error = await failure(
    db.query(Star).updateAll({ filterBy: {}, set: { mag: 9 }, timeout: 150 }),
  );
  isLate(error);
  assert.equal(error.outcome, "unknown");
  assert.match(error.message, /check the data before you repeat it/);
  await close();
});

test("CALL_TIMEOUT ends a commit whose answer does not arrive, with an unknown outcome", async () => {
  const { db, close } = await swallowing("commitTransaction", {
    CALL_TIMEOUT: 1_000,
  });
  const error = await failure(
    db.transaction((tx) => tx.query(Star).insert({ id: 1n, name: "Vega" })),
  );
  assert.ok(error instanceof ConnectionError);
  assert.equal(error.outcome, "unknown");
  assert.match(error.message, /may have been committed or not/);
  await close();
});
