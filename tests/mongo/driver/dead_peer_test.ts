// A network that swallows packets on MongoDB: every call ends with a ConnectionError, and the next one works after the network is back.
import {
  ConnectionError,
  MongoConnection,
  TimeoutError,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { pause } from "../../../src/base/pause.ts";
import { stars } from "../../support/connected.ts";
import { mongoSettings } from "../../support/engines.ts";
import { startFaultProxy } from "../../support/faults/proxy.ts";
import { eventually, test } from "../../support/mongo_case.ts";
import { ROUNDS } from "../../support/rounds.ts";

type Db = MongoConnection<typeof SUITE_MODELS>;

/** The defaults at night; else settings of which the same times follow, only shorter. */
const SETTINGS = ROUNDS > 1 ? {} : {
  HEARTBEAT_FREQUENCY_MS: 500,
  CONNECT_TIMEOUT_MS: 500,
  SERVER_SELECTION_TIMEOUT_MS: 1_000,
};
/** The longest time of a call, in milliseconds. */
const LONGEST = 30_000;

const CALLS: Readonly<Record<string, (db: Db) => Promise<unknown>>> = {
  findOne: (db) => db.query(Star).findOne({ filterBy: { id: 1n } }),
  updateAll: (db) =>
    db.query(Star).updateAll({ filterBy: { id: 1n }, set: { mag: 1 } }),
  getOrCreate: (db) =>
    db.query(Star).getOrCreate({ filterBy: { id: 900n }, name: "new" }),
  bulkInsert: (db) => db.query(Star).bulkInsert([{ id: 901n, name: "newer" }]),
  transaction: (db) =>
    db.transaction((tx) => tx.query(Star).insert({ id: 902n, name: "newest" })),
  stream: (db) => Array.fromAsync(db.query(Star).stream({ batchSize: 10 })),
};

test("every call ends within 30 s if the network swallows packets, and calls work again after it", async () => {
  const { URL: url, DATABASE } = mongoSettings();
  await using proxy = startFaultProxy({
    port: Number(new URL(url).port),
    protocol: "mongodb",
  });
  await using owner = new MongoConnection({ models: SUITE_MODELS });
  await owner.connect({ URL: url, DATABASE });
  await owner.createDb();
  await owner.query(Star).bulkInsert(stars(100));
  await using db = new MongoConnection({ models: SUITE_MODELS });
  // A busy machine may exceed the short times.
  await eventually(() =>
    db.connect({
      URL: `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`,
      DATABASE,
      ...SETTINGS,
    })
  );
  await eventually(() => db.query(Star).count());
  proxy.swallow();
  const started = performance.now();
  await Promise.all(
    Object.entries(CALLS).map(async ([name, call]) => {
      const error = await call(db).then(() => undefined, (error) => error);
      const ms = Math.round(performance.now() - started);
      assert.ok(
        error instanceof ConnectionError || error instanceof TimeoutError,
        `${name} after ${ms} ms: ${Deno.inspect(error)}`,
      );
      assert.ok(ms < LONGEST, `${name} ended after ${ms} ms`);
      const isWrite = !["findOne", "stream"].includes(name);
      assert.equal(error.outcome !== undefined, isWrite, name);
    }),
  );
  proxy.heal();
  assert.ok(await eventually(() => db.query(Star).count()) >= 100);
  await owner.dropDb();
});

test("close ends in a few seconds if the network swallows packets, also with an open transaction", async () => {
  const { URL: url, DATABASE } = mongoSettings();
  await using proxy = startFaultProxy({
    port: Number(new URL(url).port),
    protocol: "mongodb",
  });
  const db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect({
    URL: `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`,
    DATABASE,
  });
  await db.createDb();
  const isWritten = Promise.withResolvers<void>();
  const failing = db.transaction(async (tx) => {
    await tx.query(Star).insert({ id: 903n, name: "open" });
    isWritten.resolve();
    await pause(2_000);
    await tx.query(Star).count();
  });
  failing.catch(isWritten.reject);
  await isWritten.promise;
  proxy.swallow();
  const began = performance.now();
  await db.close();
  const ms = Math.round(performance.now() - began);
  assert.ok(ms < LONGEST, `close took ${ms} ms`);
  await assert.rejects(failing);
});

test("by default, a server is asked every 2 s, and given up after 5 s without an answer", async () => {
  await using db = new MongoConnection({ models: SUITE_MODELS });
  await db.connect(mongoSettings());
  const { options } = db.collection(Star).db.client;
  assert.deepEqual(
    [options.heartbeatFrequencyMS, options.connectTimeoutMS],
    [2_000, 5_000],
  );
});
