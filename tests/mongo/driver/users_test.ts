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
import { withoutCredentials } from "../../../src/base/url_secrets.ts";
import { errorMapper } from "../../../src/mongo/driver/errors.ts";
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
      const [write, command, privileges] of [
        [
          () => stars.bulkInsert([{ id: 2n, name: "b-secret" }]),
          "insert",
          '"insert"',
        ],
        [() => stars.insert({ id: 2n, name: "b" }), "insert", '"insert"'],
        [
          () => stars.bulkUpsert([{ id: 2n, name: "b-secret" }]),
          "insert",
          '"insert"',
        ],
        [
          () => stars.getOrCreate({ filterBy: { id: 2n }, name: "b-secret" }),
          "findAndModify",
          '"find", "insert", "update"',
        ],
        [
          () => stars.updateAll({ filterBy: {}, set: { mag: 1 } }),
          "update",
          '"update"',
        ],
        [
          () => stars.deleteAll({ filterBy: { id: 1n } }),
          "delete",
          '"remove"',
        ],
        [
          () =>
            db.transaction((tx) =>
              tx.query(Star).deleteAll({ filterBy: { id: 1n } })
            ),
          "delete",
          '"remove"',
        ],
        [() => db.dropDb(), "drop", '"dropCollection"'],
      ] as const
    ) {
      await assert.rejects(
        async () => void await write(),
        (error) => {
          assert.ok(error instanceof AuthenticationError, Deno.inspect(error));
          const plural = privileges.includes(",");
          assert.ok(
            error.message.startsWith(
              `Permission denied at MongoDB at 127.0.0.1:${server.port}: the command ${command} on d.star requires the privilege${
                plural ? "s" : ""
              } ${privileges}. Grant the user a role that has ${
                plural ? "them" : "it"
              }, such as "readWrite" on d`,
            ),
            error.message,
          );
          assert.ok(!error.message.includes("b-secret"), error.message);
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
      CONNECT_TIMEOUT: 5_000,
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

Deno.test("a refused command is described by the privileges that it requires, without its values", () => {
  const refused = (message: string, code = 13) =>
    errorMapper("MongoDB at h:1", [])(
      Object.assign(new Error(message), { name: "MongoServerError", code }),
    ).message;
  assert.equal(
    refused(
      'not authorized on ztf to execute command { listCollections: 1, filter: { name: "x" }, $db: "ztf" }',
    ),
    'Permission denied at MongoDB at h:1: the command listCollections on the database ztf requires the privilege "listCollections". Grant the user a role that has it, such as "read" on ztf',
  );
  assert.equal(
    refused(
      'not authorized on ztf to execute command { collMod: "object", validator: {} }',
    ),
    'Permission denied at MongoDB at h:1: the command collMod on ztf.object requires the privilege "collMod". Grant the user a role that has it, such as "dbAdmin" on ztf',
  );
  assert.equal(
    refused("user is not allowed to do action [insert] on [ztf.object]", 8000),
    'Permission denied at MongoDB at h:1: the action insert on ztf.object requires the privilege "insert". Grant the user a role that has it, such as "readWrite" on ztf',
  );
  assert.equal(
    refused("bad auth : authentication failed", 8000),
    "Cannot log in to MongoDB at h:1: bad auth : authentication failed",
  );
});

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
