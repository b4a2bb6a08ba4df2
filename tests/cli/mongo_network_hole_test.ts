// `dbp migrate` on MongoDB while the network swallows packets: lines say what it waits for, and the first signal ends it.
import assert from "node:assert/strict";
import { type Db, MongoClient } from "mongodb";
import { pause } from "../../src/base/pause.ts";
import { mongoDialect } from "../../src/mongo/migrations/dialect.ts";
import { mongoSettings } from "../support/engines.ts";
import { test } from "../support/mongo_case.ts";
import {
  type HoleRun,
  migrateThroughHole,
  testHoles,
} from "../support/network_hole.ts";
import type { DbpTimes } from "../support/running_dbp.ts";

/** The first step ends at once, the second one waits for a transaction until the test ends it. */
const FILE = mongoDialect.print({
  steps: [{ create: "one" }, {
    createIndexes: "held",
    indexes: [{ key: { a: 1 }, name: "a" }],
  }].map((command) => ({
    transaction: true,
    repeat: false,
    lockTimeout: undefined,
    statementTimeout: undefined,
    statements: [JSON.stringify(command)],
  })),
  destructive: [],
  requires: [],
});

/** A run of `dbp`, and its database. */
interface Run extends HoleRun {
  readonly db: Db;
}

/** Registers a test of a run. */
function testRun(
  name: string,
  fn: (run: Run) => Promise<void>,
  times: DbpTimes = {},
): void {
  test(name, async () => {
    const { URL: url, DATABASE } = mongoSettings();
    await using client = new MongoClient(url);
    const db = client.db(DATABASE);
    await db.createCollection("held");
    const session = client.startSession();
    session.startTransaction();
    await db.collection("held").insertOne({}, { session });
    try {
      await migrateThroughHole(
        {
          key: "MONGO",
          port: Number(new URL(url).port),
          file: [mongoDialect.extension, FILE],
          entry: (port) => ({
            URL: `mongodb://127.0.0.1:${port}/?directConnection=true`,
            DATABASE,
          }),
          async release() {
            if (session.inTransaction()) await session.abortTransaction();
          },
        },
        times,
        (run) => fn({ ...run, db }),
      );
    } finally {
      await session.endSession();
      await db.dropDatabase();
    }
  });
}

testHoles(
  testRun,
  "MongoDB",
  "held",
  /Lost MongoDB at .*: the server has not answered for /,
);

testRun(
  "mongodb: a signal stops a step whose server answers",
  async ({ db, text, until, interrupt }) => {
    await until(/step 2 of 2/);
    await pause(500);
    const { code } = await interrupt();
    assert.equal(code, 130);
    assert.match(text(), /The step was stopped\./);
    assert.doesNotMatch(text(), /Waiting for an answer/);
    const [record] = await db.collection("dbp_migrations").find().toArray();
    assert.deepEqual([record?.stepsDone, record?.state], [1, "failed"]);
  },
  { grace: 60_000 },
);
