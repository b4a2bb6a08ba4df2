// Which process holds the lease, and how a session loses it.
import { LockError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { mongoConfig } from "../../../../src/mongo/driver/config.ts";
import { openMongo } from "../../../../src/mongo/driver/open_mongo.ts";
import type { MongoDriver } from "../../../../src/mongo/link/link.ts";
import { mongoDialect } from "../../../../src/mongo/migrations/dialect.ts";
import type { LeaseTimes } from "../../../../src/mongo/migrations/history/lease.ts";
import { mongoTarget } from "../../../../src/mongo/migrations/target.ts";
import type {
  LockOptions,
  NewRecord,
  Script,
} from "../../../../src/engine/migrations/mod.ts";
import { freshSchema } from "../../../support/engines.ts";
import { mongoTest } from "../../../support/mongo_migrating.ts";
import { startMongo, withoutMongo } from "../../../support/mongo_server.ts";
import { until } from "../../../support/waiting.ts";

/** A file of two steps with visible results. */
const SCRIPT: Script = mongoDialect.parse(
  '[{"create": "night"}, {"create": "evening"}]',
  "m.up.json",
);
const RECORD: NewRecord = {
  id: "20260930T141502_nights",
  kind: "migrate",
  state: "running",
  direction: "up",
  upChecksum: SCRIPT.checksum,
  downChecksum: undefined,
  downText: undefined,
  stepsTotal: 2,
  stepsDone: 0,
  stepHashes: SCRIPT.steps.map(({ hash }) => hash),
  fingerprint: undefined,
  managed: [],
  error: undefined,
  code: undefined,
  startedAt: new Date(),
  finishedAt: undefined,
  milliseconds: undefined,
};
const NOW: LockOptions = { wait: 60_000, onEvent: () => {}, toolVersion: "0" };
/** A lease that its holder never renews, like a paused process. */
const UNRENEWED: LeaseTimes = { length: 300, renewal: 3_600_000 };

async function fencing(driver: MongoDriver): Promise<void> {
  const paused = await mongoTarget(driver, [], UNRENEWED).lock(NOW);
  await paused.record(RECORD);
  await paused.run(RECORD.id, SCRIPT, 0);
  const target = mongoTarget(driver, []);
  const session = await target.lock(NOW);
  const before = await target.history();
  assert.deepEqual(before.map(({ stepsDone }) => stepsDone), [1]);
  for (
    const late of [
      () => paused.run(RECORD.id, SCRIPT, 1),
      () => paused.record({ ...RECORD, state: "applied", stepsDone: 2 }),
      () => paused.record({ ...RECORD, state: "failed" }),
    ]
  ) await assert.rejects(late(), LockError);
  assert.deepEqual(await target.history(), before);
  await paused.release();
  // The release of the old lease does not release the new one.
  await session.run(RECORD.id, SCRIPT, 1);
  await session.record({ ...RECORD, state: "applied", stepsDone: 2 });
  await session.release();
  await session.release();
  assert.deepEqual(
    (await target.history()).map(({ state, stepsDone, host }) => [
      state,
      stepsDone,
      host === "",
    ]),
    [["applied", 2, false]],
  );
  await (await target.lock({ ...NOW, wait: 0 })).release();
}

/** A write of the history that is sent while another process acquires the lease. */
async function overtaken(driver: MongoDriver): Promise<void> {
  let meanwhile = (): Promise<void> => Promise.resolve();
  const slow: MongoDriver = {
    ...driver,
    async send(call) {
      await meanwhile();
      return await driver.send(call);
    },
  };
  const paused = await mongoTarget(slow, [], UNRENEWED).lock(NOW);
  await paused.record(RECORD);
  const target = mongoTarget(driver, []);
  const { promise: other, resolve } = Promise.withResolvers<
    Awaited<ReturnType<typeof target.lock>>
  >();
  meanwhile = async () => {
    meanwhile = () => Promise.resolve();
    resolve(await target.lock(NOW));
  };
  await assert.rejects(
    paused.record({ ...RECORD, state: "failed" }),
    LockError,
  );
  const history = await target.history();
  assert.deepEqual(history.map(({ state }) => state), ["running"]);
  await (await other).release();
}

async function driverOf(url: string): Promise<MongoDriver> {
  const settings = { URL: url, DATABASE: freshSchema() };
  return await openMongo(mongoConfig(settings, "test"), {
    source: "test",
    models: [],
  });
}

/** Runs a test on a database of its own. */
function driverTest(
  name: string,
  fn: (driver: MongoDriver) => Promise<void>,
): void {
  mongoTest(name, async ({ settings }) => {
    const driver = await driverOf(settings.URL);
    try {
      await fn(driver);
    } finally {
      await driver.db.dropDatabase();
      await driver.close();
    }
  });
}

driverTest(
  "an expired lease writes no history, whatever was in progress",
  fencing,
);

driverTest(
  "a lease is renewed during a step, and is lost when another process acquires it",
  async (driver) => {
    const target = mongoTarget(driver, [], { length: 60_000, renewal: 50 });
    const session = await target.lock(NOW);
    const locks = driver.db.collection<{ _id: string; expires: Date }>(
      "dbp_migrations_lock",
    );
    for (const renewal of ["first", "second"]) {
      const before = await locks.findOne();
      assert(before !== null);
      await until(`the ${renewal} renewal`, async () => {
        const lock = await locks.findOne();
        return lock !== null && lock.expires > before.expires;
      });
    }
    await assert.rejects(target.lock({ ...NOW, wait: 0 }), LockError);
    await session.record(RECORD);
    await locks
      .updateOne(
        { _id: "lock" },
        {
          $set: { holder: "another", host: "elsewhere", pid: 7 },
          $inc: { fence: 1 },
        },
      );
    await assert.rejects(session.run(RECORD.id, SCRIPT, 0), (error) => {
      assert(error instanceof LockError);
      assert.match(error.message, /Lost the migration lock/);
      return true;
    });
    await session.release();
    const lock = await driver.db.collection("dbp_migrations_lock").findOne();
    assert.equal(lock?.holder, "another");
  },
);

driverTest(
  "a repeated step stops between two batches if the lease is lost",
  async (driver) => {
    const stars = driver.db.collection("star");
    await stars.insertMany(
      Array.from({ length: 20_000 }, (_, id) => ({ id, mag: 1 })),
    );
    const script = mongoDialect.parse(
      JSON.stringify([{ dbp: "step repeat" }, {
        update: "star",
        updates: [{ q: { mag: 1 }, u: { $set: { mag: 2 } }, multi: true }],
      }]),
      "m.up.json",
    );
    let taking: Promise<unknown> | undefined;
    const rows: number[] = [];
    const session = await mongoTarget(driver, [], {
      length: 60_000,
      renewal: 60_000,
    }).lock({
      ...NOW,
      onEvent(event) {
        if (event.kind !== "progress") return;
        rows.push(event.rows);
        taking ??= driver.db.collection("dbp_migrations_lock").updateOne({}, {
          $set: { holder: "another" },
          $inc: { fence: 1 },
        });
      },
    });
    await session.record({ ...RECORD, stepsTotal: 1 });
    await assert.rejects(session.run(RECORD.id, script, 0), LockError);
    await taking;
    const left = await stars.countDocuments({ mag: 1 });
    assert(left > 0 && left < 20_000, `${left} are left`);
    assert.equal(rows[0], 1000);
    await session.release();
  },
);

driverTest(
  "a repeated step reports the number of changed rows, and the total at the end",
  async (driver) => {
    const stars = driver.db.collection("star");
    await stars.insertMany(
      Array.from({ length: 2500 }, (_, id) => ({ id, mag: 1 })),
    );
    const script = mongoDialect.parse(
      JSON.stringify([{ dbp: "step repeat" }, {
        delete: "star",
        deletes: [{ q: { mag: 1 }, limit: 0 }],
      }]),
      "m.up.json",
    );
    const rows: number[] = [];
    const session = await mongoTarget(driver, []).lock({
      ...NOW,
      onEvent: (event) => {
        if (event.kind === "progress") rows.push(event.rows);
      },
    });
    await session.record({ ...RECORD, stepsTotal: 1 });
    await session.run(RECORD.id, script, 0);
    await session.release();
    assert.deepEqual(rows, [1000, 2000, 2500]);
  },
);

driverTest(
  "a lease that nobody renews ends after its length, even if the server's clock was changed",
  async (driver) => {
    const killed = await mongoTarget(driver, [], UNRENEWED).lock(NOW);
    const lock = driver.db.collection("dbp_migrations_lock");
    await lock.updateOne({}, [
      { $set: { expires: { $add: ["$$NOW", 86_400_000] } } },
    ]);
    const reported: (number | undefined)[] = [];
    const session = await mongoTarget(driver, []).lock({
      ...NOW,
      onEvent: (event) => {
        if (event.kind === "waiting") reported.push(event.endsIn);
      },
    });
    assert.deepEqual(reported, [UNRENEWED.length]);
    await assert.rejects(killed.record(RECORD), LockError);
    await session.release();
  },
);

driverTest(
  "a renewed lease is kept, even if the server's clock was changed",
  async (driver) => {
    const times = { length: 3_000, renewal: 100 };
    const held = await mongoTarget(driver, [], times).lock(NOW);
    await assert.rejects(
      mongoTarget(driver, [], times).lock({ ...NOW, wait: 4_000 }),
      LockError,
    );
    await held.record(RECORD);
    await held.release();
  },
);

driverTest(
  "a step that is not the next one is refused",
  async (driver) => {
    const session = await mongoTarget(driver, []).lock(NOW);
    await assert.rejects(
      session.run(RECORD.id, SCRIPT, 0),
      /the history has no record of this migration/,
    );
    await session.record(RECORD);
    await assert.rejects(
      session.run(RECORD.id, SCRIPT, 1),
      /the history records 0 steps/,
    );
    assert.deepEqual(
      await driver.db.listCollections({ name: { $not: /^dbp_/ } }).toArray(),
      [],
    );
    await session.run(RECORD.id, SCRIPT, 0);
    await assert.rejects(
      session.run(RECORD.id, SCRIPT, 0),
      /the history records 1 steps/,
    );
    await session.release();
  },
);

driverTest(
  "a misspelled index or collection is an error, and not a completed step",
  async (driver) => {
    const target = mongoTarget(driver, []);
    const session = await target.lock(NOW);
    await driver.db.createCollection("star");
    await driver.db.createCollection("night", { capped: true, size: 4096 });
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [{ dropIndexes: "star", index: "nope" }, /index not found/],
      [{ drop: "nope" }, /ns not found|NamespaceNotFound/],
      [{ renameCollection: "nope", to: "other" }, /does not exist/],
      [{ create: "night" }, /already exists/],
    ];
    for (const [index, [command, expected]] of cases.entries()) {
      const script = mongoDialect.parse(
        JSON.stringify([command]),
        "m.up.json",
      );
      const id = `2026093${index}T141502_x`;
      await session.record({ ...RECORD, id, stepsTotal: 1 });
      await assert.rejects(session.run(id, script, 0), expected);
    }
    await session.release();
  },
);

Deno.test({
  name:
    "mongodb migrations: a standalone server is migrated, and its history is fenced too",
  ignore: withoutMongo,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const server = await startMongo({ standalone: true });
    try {
      const driver = await driverOf(server.url);
      assert.equal(driver.transactions, false);
      await fencing(driver);
      await driver.db.dropDatabase();
      await overtaken(driver);
      await driver.close();
    } finally {
      await server.stop();
    }
  },
});

Deno.test({
  name:
    "mongodb migrations: a command is sent again after a transient error, and the retry is reported",
  ignore: withoutMongo,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const server = await startMongo({
      args: ["--setParameter", "enableTestCommands=1"],
    });
    try {
      const driver = await driverOf(server.url);
      const admin = driver.db.admin();
      const attempts: number[] = [];
      const session = await mongoTarget(driver, []).lock({
        ...NOW,
        onEvent: (event) => {
          if (event.kind === "retry") attempts.push(event.attempt);
        },
      });
      await session.record(RECORD);
      // ConflictingOperationInProgress, a transient error.
      await admin.command({
        configureFailPoint: "failCommand",
        mode: { times: 2 },
        data: { failCommands: ["create"], errorCode: 117 },
      });
      await session.run(RECORD.id, SCRIPT, 0);
      assert.deepEqual(attempts, [1, 2]);
      // Unauthorized, a permanent error, is not retried.
      await admin.command({
        configureFailPoint: "failCommand",
        mode: { times: 1 },
        data: { failCommands: ["create"], errorCode: 13 },
      });
      await assert.rejects(session.run(RECORD.id, SCRIPT, 1));
      assert.deepEqual(attempts, [1, 2]);
      await session.run(RECORD.id, SCRIPT, 1);
      await session.release();
      await driver.close();
    } finally {
      await server.stop();
    }
  },
});
