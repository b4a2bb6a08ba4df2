// What MongoDB's server says of itself becomes the right error. It is told to say so by a failpoint, which servers for tests have.
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

interface Told {
  readonly db: MongoConnection<typeof SUITE_MODELS>;
  /** Makes commands fail, so many of them or all. */
  fail(
    commands: readonly string[],
    how: Readonly<Record<string, unknown>>,
    times?: number,
  ): Promise<void>;
  /** Lets them pass again. */
  pass(): Promise<void>;
}

/** A test on a server of its own that can be told to fail. */
function told(name: string, fn: (told: Told) => Promise<void>): void {
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

told(
  "whatever code a server fails with is the error that it means",
  async ({ db, fail, pass }) => {
    const stars = db.query(Star);
    await stars.bulkInsert([{ id: 1n, name: "a" }]);
    const codes: [number, typeof DbPluginsError, RegExp][] = [
      // Host unreachable or not found, shutting down, no primary, not primary any more.
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

told(
  "a transaction that its server gives up is run again as often as it may be",
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
    const gone = {
      // A code that says nothing of the kind by itself.
      errorCode: 2,
      errorLabels: ["TransientTransactionError"],
    };
    await fail(["update"], gone, 2);
    await work(2);
    assert.equal(runs, 3);
    assert.equal(await db.query(Star).count({ filterBy: { visits: 3 } }), 1);
    await fail(["update"], gone);
    await assert.rejects(work(1), SerializationError);
    assert.equal(runs, 2);
    await pass();
  },
);

told(
  "a commit whose answer is lost is asked for again, and in the end said not to be known",
  async ({ db, fail, pass }) => {
    const insert = (id: bigint) =>
      db.transaction((tx) =>
        tx.query(Star).bulkInsert([{ id, name: `star ${id}` }])
      );
    // The driver itself asks twice.
    await fail(["commitTransaction"], { closeConnection: true }, 3);
    assert.deepEqual(await insert(1n), { inserted: 1, ignored: 0 });
    await fail(["commitTransaction"], { closeConnection: true });
    await assert.rejects(insert(2n), (error) => {
      assert.ok(error instanceof ConnectionError, Deno.inspect(error));
      assert.match(
        error.message,
        /it is unknown whether the transaction was committed/,
      );
      return true;
    });
    await pass();
    assert.equal(await db.query(Star).count({ filterBy: { id: 1n } }), 1);
  },
);

Deno.test("what only the driver says becomes the right error too", () => {
  const map = errorMapper("MongoDB at h:1", []);
  const said = (name: string, message: string, code?: number): Error =>
    Object.assign(new Error(message), { name, ...(code ? { code } : {}) });
  for (
    const [error, kind] of [
      [said("MongoTransactionError", "no session"), TransactionError],
      [
        said(
          "MongoServerError",
          "Transaction numbers are only allowed on a replica set member or mongos",
          20,
        ),
        TransactionError,
      ],
      [said("MongoTopologyClosedError", "closed"), ConnectionError],
      [said("MongoNotConnectedError", "closed"), ConnectionError],
      [said("MongoOperationTimeoutError", "late"), TimeoutError],
      [said("MongoNetworkTimeoutError", "late"), TimeoutError],
      [said("MongoWaitQueueTimeoutError", "late"), TimeoutError],
      [said("MongoRuntimeError", "odd"), DatabaseError],
    ] as const
  ) assert.equal(map(error).constructor, kind, error.name);
});
