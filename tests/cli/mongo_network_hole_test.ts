// `dbp migrate` on MongoDB while the network swallows packets: lines say what it waits for, and the first signal ends it.
import assert from "node:assert/strict";
import { type Db, MongoClient } from "mongodb";
import { join } from "node:path";
import { pause } from "../../src/base/pause.ts";
import { mongoDialect } from "../../src/mongo/migrations/dialect.ts";
import { settingsFile } from "../support/cli.ts";
import { mongoSettings } from "../support/engines.ts";
import { test } from "../support/mongo_case.ts";
import {
  type DbpTimes,
  endsAtOnce,
  type RunningDbp,
  startDbp,
} from "../support/running_dbp.ts";
import {
  startSwallowingProxy,
  type SwallowingProxy,
} from "../support/swallowing_proxy.ts";

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

/** A run of `dbp`, whose connections go through a proxy. */
interface Run extends RunningDbp {
  readonly proxy: SwallowingProxy;
  readonly db: Db;
  /** Ends the transaction for which the second step waits. */
  release(): Promise<void>;
}

/** Registers a test of a run in a process of its own, with short times. */
function testRun(
  name: string,
  fn: (run: Run) => Promise<void>,
  times: DbpTimes = { pause: 50, grace: 300 },
): void {
  test(name, async () => {
    const { URL: url, DATABASE } = mongoSettings();
    await using client = new MongoClient(url);
    const db = client.db(DATABASE);
    await db.createCollection("held");
    const session = client.startSession();
    session.startTransaction();
    await db.collection("held").insertOne({}, { session });
    const release = async (): Promise<void> => {
      if (session.inTransaction()) await session.abortTransaction();
    };
    const proxy = startSwallowingProxy(Number(new URL(url).port));
    await using settings = await settingsFile({
      DB_CONFIG: {
        MONGO: {
          URL: `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`,
          DATABASE,
        },
      },
    });
    const migrations = join(settings.folder, "migrations", "mongo");
    await Deno.mkdir(migrations, { recursive: true });
    await Deno.writeTextFile(
      join(migrations, `20260101T000000_two.up${mongoDialect.extension}`),
      FILE,
    );
    const child = startDbp(
      [
        ...["migrate", "--db", "MONGO", "--yes"],
        "--settings_path",
        settings.path,
      ],
      times,
    );
    try {
      await fn({ ...child, proxy, db, release });
    } finally {
      child.kill();
      await child.ended;
      proxy.close();
      await release();
      await session.endSession();
      await db.dropDatabase();
    }
  });
}

testRun(
  "mongodb: if the server does not answer, lines report the wait, and the first signal ends the run at once",
  async ({ proxy, text, until, interrupt }) => {
    await until(/step 2 of 2/);
    await pause(300);
    proxy.swallowAll();
    await until(/^Waiting for an answer from MongoDB at 127\.0\.0\.1:\d+, /m);
    await pause(500);
    await endsAtOnce({ interrupt });
    assert.match(
      text(),
      /Lost MongoDB at .*: the server has not answered for /,
    );
  },
);

testRun(
  "mongodb: a signal that arrives first ends the run of a server that does not answer",
  async ({ proxy, text, until, interrupt }) => {
    await until(/step 2 of 2/);
    await pause(300);
    proxy.swallowAll();
    await endsAtOnce({ interrupt });
    assert.match(text(), /has not answered for/);
  },
);

testRun(
  "mongodb: if only the answer to a step is lost, the signal ends the run at once",
  async ({ proxy, release, text, until, interrupt }) => {
    proxy.swallowAnswersTo("held");
    await until(/step 2 of 2/);
    await release();
    await pause(300);
    await endsAtOnce({ interrupt });
    assert.match(text(), /its answer did not arrive/);
  },
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
);
