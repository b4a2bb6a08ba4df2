// Users, their permissions and their passwords.
import {
  AuthenticationError,
  DbPluginsError,
  MongoConnection,
  type QueryEvent,
} from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import {
  errorMapper,
  withoutCredentials,
} from "../../../src/mongo/driver/errors.ts";
import { test } from "../../support/mongo_case.ts";
import { MONGO_USER, startMongo } from "../../support/mongo_server.ts";

test("a read-only user can read, and a write is an error that names the missing permission", async () => {
  const server = await startMongo({ auth: true });
  const secret = "s3cret-of-the-reader";
  const root = new MongoClient(server.url);
  const events: QueryEvent[] = [];
  try {
    await using owner = new MongoConnection({ models: SUITE_MODELS });
    await owner.connect({ URL: server.url, DATABASE: "d" });
    await owner.createDb();
    await owner.query(Star).bulkInsert([{ id: 1n, name: "a" }]);
    await root.db("d").command({
      createUser: "reader",
      pwd: secret,
      roles: [{ role: "read", db: "d" }],
    });
    await using db = new MongoConnection({ models: SUITE_MODELS });
    await db.connect({
      HOST: "127.0.0.1",
      PORT: server.port,
      USERNAME: "reader",
      PASSWORD: secret,
      DATABASE: "d",
      AUTH_SOURCE: "d",
    }, { onQuery: (event) => void events.push(event), logValues: true });
    const stars = db.query(Star);
    assert.equal(await stars.count(), 1);
    for (
      const write of [
        () => stars.bulkInsert([{ id: 2n, name: "b" }]),
        () => stars.bulkUpsert([{ id: 2n, name: "b" }]),
        () => stars.getOrCreate({ filterBy: { id: 2n }, name: "b" }),
        () => stars.updateAll({ filterBy: {}, set: { mag: 1 } }),
        () => stars.deleteAll({ filterBy: { id: 1n } }),
        () =>
          db.transaction((tx) =>
            tx.query(Star).deleteAll({ filterBy: { id: 1n } })
          ),
        () => db.dropDb(),
      ]
    ) {
      await assert.rejects(
        async () => void await write(),
        (error) => {
          assert.ok(error instanceof AuthenticationError, Deno.inspect(error));
          assert.match(error.message, /Permission denied .*not authorized/);
          assertNoSecret(error, secret);
          return true;
        },
      );
    }
    assert.deepEqual((await stars.findAll()).map(({ id, mag }) => [id, mag]), [
      [1n, null],
    ]);
    assert.ok(events.some(({ error }) => error !== undefined));
    assertNoSecret(events, secret);
    assertNoSecret(db, secret);
  } finally {
    await root.close();
    await server.stop();
  }
});

test("a password appears neither in errors nor in connections nor in events", async () => {
  const server = await startMongo({ auth: true });
  const { password } = new URL(server.url);
  const events: QueryEvent[] = [];
  try {
    await using db = new MongoConnection({ models: SUITE_MODELS });
    const settings = {
      URL: server.url,
      DATABASE: "d",
      CONNECT_TIMEOUT: 3_000,
    };
    await db.connect(settings, {
      onQuery: (event) => void events.push(event),
      logValues: true,
    });
    await db.createDb();
    await db.query(Star).bulkInsert([{ id: 1n, name: "a" }]);
    assertNoSecret(db, password);
    await server.kill();
    await assert.rejects(db.query(Star).count(), (error) => {
      assert.ok(error instanceof DbPluginsError);
      assertNoSecret(error, password);
      return true;
    });
    assertNoSecret(events, password);
    const other = new MongoConnection({ models: SUITE_MODELS });
    for (const wrong of [settings, { ...settings, USERNAME: MONGO_USER }]) {
      await assert.rejects(
        other.connect({ ...wrong, CONNECT_TIMEOUT: 500 }),
        (error) => {
          assertNoSecret(error, password);
          return true;
        },
      );
    }
  } finally {
    await server.stop();
  }
});

function assertNoSecret(value: unknown, secret: string): void {
  const shown = [
    Deno.inspect(value, { depth: 10, showHidden: true }),
    value instanceof Error ? `${value.message}${value.stack}` : "",
  ].join("\n");
  const at = shown.indexOf(secret);
  assert.equal(at, -1, shown.slice(Math.max(0, at - 300), at));
}

Deno.test("messages of the driver and the server about a URL are passed on without credentials", () => {
  const secret = "s3cret";
  const original =
    `cannot use mongodb://us%40er:${secret}@h:1,i:2/d or mongodb+srv://u:${secret}@h`;
  const right = "cannot use mongodb://…@h:1,i:2/d or mongodb+srv://…@h";
  assert.equal(withoutCredentials(original), right);
  const mapped = errorMapper("MongoDB at h:1", []);
  for (
    const fields of [
      { name: "MongoServerError", code: 2 },
      { name: "MongoServerError", code: 13 },
      { name: "MongoServerError", code: 50 },
      { name: "MongoServerError", code: 91 },
      { name: "MongoServerError", code: 112 },
      { name: "MongoNetworkError" },
      { name: "MongoOperationTimeoutError" },
      { name: "MongoTransactionError" },
      { name: "MongoParseError" },
    ]
  ) {
    const { message } = mapped(
      Object.assign(new Error(original), fields),
      "star",
    );
    assert.ok(message.includes(right), `${Deno.inspect(fields)}: ${message}`);
    assert.ok(!message.includes(secret), message);
  }
});
