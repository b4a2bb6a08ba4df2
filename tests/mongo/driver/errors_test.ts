// Errors of the server become the right errors of this package. A failpoint of the test server raises them.
import {
  ConnectionError,
  DatabaseError,
  type DbPluginsError,
  MongoConnection,
  SerializationError,
  TimeoutError,
  TransactionError,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { errorMapper } from "../../../src/mongo/driver/errors.ts";
import { test } from "../../support/mongo_case.ts";
import { startMongo } from "../../support/mongo_server.ts";

interface FailingServer {
  readonly db: MongoConnection<typeof SUITE_MODELS>;
  /** Makes commands fail: a number of them, or all. */
  fail(
    commands: readonly string[],
    how: Readonly<Record<string, unknown>>,
    times?: number,
  ): Promise<void>;
  /** Lets commands succeed again. */
  pass(): Promise<void>;
}

/** A test on a new server with a failpoint. */
function testFailing(
  name: string,
  fn: (server: FailingServer) => Promise<void>,
): void {
  test(name, async () => {
    const server = await startMongo({
      args: ["--setParameter", "enableTestCommands=1"],
    });
    const client = new MongoClient(server.url);
    const admin = client.db("admin");
    const set = async (mode: unknown, data: object = {}): Promise<void> => {
      await admin.command({ configureFailPoint: "failCommand", mode, data });
    };
    try {
      await using db = new MongoConnection({ models: SUITE_MODELS });
      await db.connect({ URL: server.url, DATABASE: "d" });
      await db.createDb();
      await fn({
        db,
        fail: (failCommands, how, times) =>
          set(times === undefined ? "alwaysOn" : { times }, {
            failCommands,
            ...how,
          }),
        pass: () => set("off"),
      });
    } finally {
      await client.close();
      await server.stop();
    }
  });
}

testFailing(
  "each error code of the server becomes the right error",
  async ({ db, fail, pass }) => {
    const stars = db.query(Star);
    await stars.bulkInsert([{ id: 1n, name: "a" }]);
    const codes: [number, typeof DbPluginsError, RegExp][] = [
      // Host unreachable or not found, shutdown, not the primary.
      ...[6, 7, 91, 189, 9001, 10107, 11600, 11602, 13435, 13436]
        .map((code): [number, typeof DbPluginsError, RegExp] => [
          code,
          ConnectionError,
          /^Lost the connection to MongoDB at 127\.0\.0\.1:\d+: /,
        ]),
      ...[50, 89, 202, 262].map((
        code,
      ): [number, typeof DbPluginsError, RegExp] => [
        code,
        TimeoutError,
        /^The command timed out at MongoDB at |did not answer in time: /,
      ]),
      ...[24, 112, 246].map((code): [number, typeof DbPluginsError, RegExp] => [
        code,
        SerializationError,
        /^The operation conflicts with another transaction: .*\. Run it again$/,
      ]),
      [2, DatabaseError, /./],
    ];
    for (const [errorCode, kind, message] of codes) {
      await fail(["find", "update"], { errorCode });
      for (
        const work of [
          () => stars.findAll(),
          () => stars.updateAll({ filterBy: { id: 1n }, set: { mag: 1 } }),
        ]
      ) {
        await assert.rejects(async () => void await work(), (error) => {
          assert.ok(
            error instanceof kind,
            `${errorCode}: ${Deno.inspect(error)}`,
          );
          assert.match(error.message, message);
          return true;
        });
      }
      await pass();
    }
    await fail(["find", "update"], { closeConnection: true });
    await assert.rejects(stars.findAll(), ConnectionError);
    await assert.rejects(
      stars.updateAll({ filterBy: { id: 1n }, set: { mag: 1 } }),
      ConnectionError,
    );
    await pass();
    assert.equal(await stars.count({ filterBy: { mag: null } }), 1);
  },
);

testFailing(
  "a transaction that its server aborts is retried as often as the options allow",
  async ({ db, fail, pass }) => {
    await db.query(Star).bulkInsert([{ id: 1n, name: "a", visits: 0 }]);
    let runs = 0;
    const work = (retries: number) => {
      runs = 0;
      return db.transaction(async (tx) => {
        runs++;
        await tx.query(Star).count();
        await tx.query(Star).updateAll({ filterBy: {}, set: { visits: runs } });
      }, { retries });
    };
    const conflict = {
      // A code that by itself does not mean a conflict.
      errorCode: 2,
      errorLabels: ["TransientTransactionError"],
    };
    await fail(["update"], conflict, 2);
    await work(2);
    assert.equal(runs, 3);
    assert.equal(await db.query(Star).count({ filterBy: { visits: 3 } }), 1);
    await fail(["update"], conflict);
    await assert.rejects(work(1), SerializationError);
    assert.equal(runs, 2);
    await pass();
  },
);

testFailing(
  "a commit without an answer is retried, and finally reported as unknown",
  async ({ db, fail, pass }) => {
    const insert = (id: bigint) =>
      db.transaction((tx) =>
        tx.query(Star).bulkInsert([{ id, name: `star ${id}` }])
      );
    // The driver itself sends the commit twice.
    await fail(["commitTransaction"], { closeConnection: true }, 3);
    assert.deepEqual(await insert(1n), { inserted: 1, ignored: 0 });
    await fail(["commitTransaction"], { closeConnection: true });
    await assert.rejects(insert(2n), (error) => {
      assert.ok(error instanceof ConnectionError, Deno.inspect(error));
      assert.match(
        error.message,
        /may have been committed or not/,
      );
      assert.equal(error.outcome, "unknown");
      return true;
    });
    await pass();
    assert.equal(await db.query(Star).count({ filterBy: { id: 1n } }), 1);
  },
);

Deno.test("errors of the driver itself become the right errors too", () => {
  const map = errorMapper("MongoDB at h:1", []);
  const driverError = (name: string, message: string, code?: number): Error =>
    Object.assign(new Error(message), { name, ...(code ? { code } : {}) });
  for (
    const [error, kind] of [
      [driverError("MongoTransactionError", "no session"), TransactionError],
      [
        driverError(
          "MongoServerError",
          "Transaction numbers are only allowed on a replica set member or mongos",
          20,
        ),
        TransactionError,
      ],
      [driverError("MongoTopologyClosedError", "closed"), ConnectionError],
      [driverError("MongoNotConnectedError", "closed"), ConnectionError],
      [driverError("MongoOperationTimeoutError", "late"), TimeoutError],
      [driverError("MongoNetworkTimeoutError", "late"), TimeoutError],
      [driverError("MongoWaitQueueTimeoutError", "late"), TimeoutError],
      [driverError("MongoRuntimeError", "odd"), DatabaseError],
    ] as const
  ) assert.equal(map(error).constructor, kind, error.name);
});

Deno.test("no message of the driver repeats the credentials of a URL", () => {
  const map = errorMapper("MongoDB at h:1", []);
  for (const name of ["MongoNetworkError", "MongoParseError", "TypeError"]) {
    for (const url of ["mongodb://u:a/PLANTED@h/d", "http://u:PLANTED@p:1"]) {
      const error = Object.assign(new Error(`no route to ${url}`), { name });
      const { message } = map(error);
      assert.match(message, /no route to \w+:\/\/…@/);
      assert.doesNotMatch(message, /PLANTED/);
    }
  }
});
