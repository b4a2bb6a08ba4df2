// READ_PREFERENCE on a replica set of three: which member each call uses.
import { MongoConnection } from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { stars, test } from "../../support/connected.ts";
import { freshSchema } from "../../support/engines.ts";
import {
  type ReplicaSet,
  startReplicaSet,
} from "../../support/mongo_replica_set.ts";
import { withoutMongo } from "../../support/mongo_server.ts";
import { untilEqual } from "../../support/waiting.ts";

let set: ReplicaSet;

if (!withoutMongo) {
  Deno.test.beforeAll(async () => {
    set = await startReplicaSet(5_000);
  });
  Deno.test.afterAll(async () => await set[Symbol.asyncDispose]());

  test("reads use the members of READ_PREFERENCE, and everything else the primary", async () => {
    const primary = set.proxies[await set.primary()]?.port;
    const DATABASE = freshSchema();
    // A ready-made client reports the member of each command.
    await using client = new MongoClient(set.url, {
      readPreference: "secondary",
      monitorCommands: true,
    });
    const members: number[] = [];
    client.on("commandStarted", ({ address, commandName }) => {
      if (["endSessions", "listCollections"].includes(commandName)) return;
      members.push(Number(/:(\d+)$/.exec(address)?.[1]));
    });
    await using db = new MongoConnection({ models: SUITE_MODELS, client });
    await db.connect({ DATABASE });
    await db.createDb();
    const queries = db.query(Star);
    await queries.bulkInsert(stars(10));
    const seen = async (call: () => Promise<unknown>): Promise<boolean[]> => {
      members.length = 0;
      await call();
      assert.ok(members.length > 0, String(call));
      return [...new Set(members.map((member) => member === primary))];
    };
    for (
      const read of [
        () => queries.find(),
        () => queries.findAll({ filterBy: { id: 1n }, timeout: 60_000 }),
        () => queries.first({ include: ["sightings"] }),
        () => queries.findOne({ filterBy: { id: 1n } }),
        () => queries.checkExists(),
        () => queries.count(),
        () => queries.countBy("status"),
        () => Array.fromAsync(queries.stream({ batchSize: 3 })),
        () =>
          Array.fromAsync(queries.stream({ batchSize: 3, timeout: 60_000 })),
        () => db.collection(Star).findOne(),
      ]
    ) assert.deepEqual(await seen(read), [false], String(read));
    const [first] = await queries.findAll({ on: "primary", limit: 1 });
    assert.ok(first);
    for (
      const write of [
        () => queries.getOrCreate({ filterBy: { id: 1n } }),
        () => queries.insert({ id: 100n, name: "x" }),
        () => queries.bulkUpsert(stars(12)),
        () => queries.bulkUpdate([{ id: 1n, mag: 1 }]),
        () => queries.updateAll({ filterBy: { id: 1n }, set: { mag: 2 } }),
        () => queries.deleteAll({ filterBy: { id: 11n } }),
        () => {
          queries.update(first, { mag: 3 });
          return db.session.commit();
        },
        () => db.transaction((tx) => tx.query(Star).count()),
        () => queries.findAll({ on: "primary" }),
        () => queries.find({ on: "primary", timeout: 60_000 }),
        () => Array.fromAsync(queries.stream({ on: "primary" })),
      ]
    ) assert.deepEqual(await seen(write), [true], String(write));
  });

  test("events name the primary as the server, and no server if a read may use several", async () => {
    const ports: (number | undefined)[] = [];
    await using db = new MongoConnection({ models: SUITE_MODELS });
    await db.connect({
      URL: set.url,
      DATABASE: freshSchema(),
      READ_PREFERENCE: "secondaryPreferred",
    }, { onQuery: ({ port }) => void ports.push(port) });
    await db.createDb();
    const portsOf = async (call: () => Promise<unknown>) => {
      ports.length = 0;
      await call();
      return [...new Set(ports)];
    };
    const portOf = async () => set.proxies[await set.primary()]?.port;
    const first = await portOf();
    const write = () => db.query(Star).bulkInsert(stars(3));
    assert.deepEqual(await portsOf(write), [first]);
    assert.deepEqual(await portsOf(() => db.query(Star).count()), [undefined]);
    assert.deepEqual(
      await portsOf(() => db.query(Star).count({ on: "primary" })),
      [first],
    );
    await set.stepDown();
    const second = await portOf();
    assert.notEqual(second, first);
    await db.query(Star).count({ on: "primary" });
    assert.deepEqual(await portsOf(write), [second]);
  });

  test("reads continue without a primary, if READ_PREFERENCE allows it", async () => {
    await using db = new MongoConnection({ models: SUITE_MODELS });
    await db.connect({
      URL: set.url,
      DATABASE: freshSchema(),
      READ_PREFERENCE: "secondaryPreferred",
      MAX_STALENESS_SECONDS: 90,
      HEARTBEAT_FREQUENCY_MS: 500,
      CONNECT_TIMEOUT: 30_000,
    });
    await db.createDb();
    await db.query(Star).bulkInsert(stars(10));
    assert.equal(await db.query(Star).count({ on: "primary" }), 10);
    set.partition(await set.primary());
    try {
      const read = () =>
        db.query(Star).findAll({ filterBy: { id: 3n }, timeout: 60_000 });
      // A majority has the row: one of the secondaries may get it later.
      await untilEqual(
        "the row of a secondary",
        async () => (await read())[0]?.name,
        "s3",
      );
    } finally {
      set.heal();
    }
  });
}
