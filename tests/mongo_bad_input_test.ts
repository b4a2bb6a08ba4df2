// What nobody should send to MongoDB, and what becomes of it.
import {
  type AnyModel,
  AuthenticationError,
  DatabaseError,
  DbPluginsError,
  defineModel,
  ModelError,
  QueryError,
  type QueryEvent,
  SchemaError,
  StaleRowError,
  TransactionError,
  ValidationError,
} from "@alerce/db-plugins";
import { MongoConnection } from "@alerce/db-plugins/mongo";
import {
  Sighting,
  Star,
  type StarRow,
  SUITE_MODELS,
} from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { z } from "zod";
import { mongoEngine, mongoSettings } from "./engines.ts";
import { MONGO_USER, startMongo, withoutMongo } from "./mongo_server.ts";

const MODELS: readonly AnyModel[] = SUITE_MODELS;

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name,
    ignore: withoutMongo,
    sanitizeOps: false,
    sanitizeResources: false,
    fn,
  });
}

const opened = async (models = MODELS) => {
  const db = await mongoEngine.open(models);
  await db.createDb();
  return db;
};

/** As JSON of a request would be: the compiler knows better. */
const untyped = (value: unknown): never => value as never;

test("an operator of MongoDB's is no value, no field and no order", async () => {
  await using db = await opened();
  const stars = db.query(Star);
  await stars.bulkInsert([{ id: 1n, name: "a", notes: { $gt: "" } }]);
  const filters = [
    { name: { $gt: "" } },
    { name: { $ne: null } },
    { name: { eq: { $gt: "" } } },
    { name: { in: [{ $gt: "" }] } },
    { name: { not: { $gt: "" } } },
    { name: { like: { $regex: "." } } },
    { id: { $gt: 0 } },
    { $where: "1" },
    { $or: [{}] },
    { $expr: { $eq: [1, 1] } },
    { or: [{ $nor: [] }] },
    { "name.x": "a" },
    { __proto__x: 1 },
    JSON.parse('{"__proto__": {"name": "a"}}'),
    JSON.parse('{"constructor": 1}'),
  ];
  for (const filterBy of filters) {
    for (
      const ask of [
        () => stars.findAll({ filterBy: untyped(filterBy) }),
        () => stars.deleteAll({ filterBy: untyped(filterBy) }),
        () => stars.updateAll({ filterBy: untyped(filterBy), set: { mag: 1 } }),
      ]
    ) {
      await assert.rejects(
        async () => void await ask(),
        (error) => {
          assert.ok(error instanceof QueryError, Deno.inspect(filterBy));
          return true;
        },
      );
    }
  }
  const bad: (() => Promise<unknown>)[] = [
    () => stars.findAll({ orderBy: untyped({ $natural: -1 }) }),
    () => stars.findAll({ select: untyped(["$name"]) }),
    () => stars.updateAll({ filterBy: {}, set: untyped({ $set: { a: 1 } }) }),
    () =>
      stars.updateAll({
        filterBy: {},
        set: untyped({ name: { $concat: ["a"] } }),
      }),
    () => stars.bulkInsert([untyped({ id: 2n, name: { $gt: "" } })]),
    () => stars.bulkInsert([untyped({ id: 2n, name: "b", $set: 1 })]),
    () => stars.bulkUpsert([untyped({ id: 1n, "notes.$gt": 1 })]),
    () =>
      stars.getOrCreate(
        untyped({ filterBy: { id: { $gt: 0 } }, name: "b" }),
      ),
  ];
  for (const ask of bad) {
    await assert.rejects(
      async () => void await ask(),
      (error) =>
        error instanceof QueryError || error instanceof ValidationError,
      String(ask),
    );
  }
  // In JSON they are what anything else would be.
  const notes = { $gt: "" };
  assert.equal(await stars.count({ filterBy: { notes: { eq: notes } } }), 1);
  await stars.updateAll({
    filterBy: {},
    set: { notes: { $inc: { mag: 1 }, "a.b": "$name" } },
  });
  const [left, ...others] = await stars.findAll();
  assert.deepEqual(others, []);
  assert.deepEqual([left?.name, left?.mag, left?.notes], ["a", null, {
    $inc: { mag: 1 },
    "a.b": "$name",
  }]);
  assert.equal(Object.hasOwn(Object.prototype, "name"), false);
});

test("text that looks like a path or a variable is text", async () => {
  await using db = await opened();
  const stars = db.query(Star);
  const names = ["$name", "$$ROOT", "a.b", "__proto__", "constructor", "$"];
  await stars.bulkInsert(names.map((name, id) => ({ id: BigInt(id), name })));
  await stars.bulkUpsert(names.map((name, id) => ({
    id: BigInt(id),
    status: name,
    labels: [name],
    notes: JSON.parse(`{"__proto__": {"a": 1}, "$${id}": 1}`),
  })));
  for (const [id, name] of names.entries()) {
    const found = await stars.findAll({
      filterBy: { name, status: { in: [name] }, labels: { contains: name } },
    });
    assert.deepEqual(found.map((row) => row.id), [BigInt(id)]);
    const [notes] = found.map((row) => row.notes);
    assert.deepEqual(Object.keys(notes ?? {}), ["__proto__", `$${id}`]);
    assert.equal(Reflect.get(notes ?? {}, "a"), undefined);
  }
  const set = { name: "$status", status: "$$NOW" };
  await stars.updateAll({ filterBy: { id: 0n }, set });
  const row = await stars.findOne({ filterBy: { id: 0n } });
  assert.deepEqual([row?.name, row?.status], ["$status", "$$NOW"]);
});

test("a model whose columns MongoDB would take for its own is refused, and works with other columns", async () => {
  for (const column of ["$set", "a.b", "$", ".", "a\0b"]) {
    const field = z.int32().nullable();
    const odd = (meta: { column?: string }) =>
      defineModel("odd", {
        fields: z.object({ id: z.int32(), [column]: field.meta(meta) }),
        primaryKey: ["id"],
      });
    await assert.rejects(
      opened([odd({})]),
      (error) =>
        error instanceof ModelError && error.message.includes("meta({ column"),
    );
    const model: AnyModel = odd({ column: "other" });
    await using db = await opened([model]);
    const row = { id: 1, [column]: 2 };
    await db.query(model).bulkInsert([row]);
    await db.query(model).updateAll({
      filterBy: { [column]: 2 },
      set: { [column]: 3 },
    });
    const rows = await db.query(model).findAll({ filterBy: { [column]: 3 } });
    assert.deepEqual(rows.map((one) => ({ ...one })), [{
      ...row,
      [column]: 3,
    }]);
  }
});

for (const size of [17 << 20, (16 << 20) + 1_000]) {
  test(`a document of ${size} bytes is a typed error, and costs no other row`, async () => {
    await using db = await opened();
    const stars = db.query(Star);
    const huge = "x".repeat(size);
    const rows = [
      { id: 1n, name: "a" },
      { id: 2n, name: "b", notes: huge },
      { id: 3n, name: "c" },
    ];
    await stars.bulkInsert([{ id: 9n, name: "there" }]);
    for (
      const write of [
        () => stars.bulkInsert(rows),
        () => stars.bulkUpsert(rows),
        () =>
          stars.getOrCreate({ filterBy: { id: 2n }, name: "b", notes: huge }),
        () => stars.updateAll({ filterBy: { id: 9n }, set: { notes: huge } }),
        () => stars.bulkUpdate([{ id: 9n, notes: huge }]),
        () => db.transaction((tx) => tx.query(Star).bulkInsert(rows)),
      ]
    ) {
      await assert.rejects(
        async () => void await write(),
        (error) => {
          assert.ok(error instanceof DatabaseError);
          assert.match(error.message, /^Cannot write star: .* more than 16 MB/);
          return true;
        },
      );
    }
    assert.equal(await stars.count({ filterBy: { id: 9n, notes: null } }), 1);
    assert.equal(await stars.count({ filterBy: { id: 2n } }), 0);
    await stars.bulkInsert(rows.filter(({ id }) => id !== 2n));
    assert.equal(await stars.count(), 3);
  });
}

test("a stored document that breaks the model is named by its key and field, and the others can be read", async () => {
  const settings = mongoSettings();
  const db = new MongoConnection({ models: MODELS });
  await db.connect(settings);
  await db.createDb();
  await db.query(Star).bulkInsert([{ id: 1n, name: "a" }]);
  await db.collection(Star).insertOne(
    untyped({ id: 2n, name: 7, status: "new" }),
    { bypassDocumentValidation: true },
  );
  const named = (error: unknown): boolean => {
    assert.ok(error instanceof SchemaError, Deno.inspect(error));
    assert.match(error.message, /star: .*name holds a number, .*: id 2$/);
    return true;
  };
  await assert.rejects(db.query(Star).findAll(), named);
  await assert.rejects(
    db.query(Star).findAll({ select: ["id", "name"] }),
    named,
  );
  await assert.rejects(
    async () => void await Array.fromAsync(db.query(Star).stream()),
    named,
  );
  const ids = await db.query(Star).findAll({ select: ["id", "mag"] });
  assert.equal(ids.length, 2);
  const right = await db.query(Star).findAll({ filterBy: { id: { ne: 2n } } });
  assert.deepEqual(right.map(({ id }) => id), [1n]);
  // It can be mended through the library too.
  await db.query(Star).updateAll({ filterBy: { id: 2n }, set: { name: "b" } });
  assert.equal((await db.query(Star).findAll()).length, 2);
  await db.collection(Star).drop();
  await db.dropDb();
  await db.close();
});

test("a user who may only read reads, and is told what they may not", async () => {
  const server = await startMongo({ auth: true });
  const secret = "s3cret-of-the-reader";
  const root = new MongoClient(server.url);
  const events: QueryEvent[] = [];
  try {
    await using owner = new MongoConnection({ models: MODELS });
    await owner.connect({ URL: server.url, DATABASE: "d" });
    await owner.createDb();
    await owner.query(Star).bulkInsert([{ id: 1n, name: "a" }]);
    await root.db("d").command({
      createUser: "reader",
      pwd: secret,
      roles: [{ role: "read", db: "d" }],
    });
    await using db = new MongoConnection({ models: MODELS });
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
          assert.match(error.message, /Cannot do this .*not authorized/);
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

test("a password is nowhere: not in what fails, not in a connection, not in events", async () => {
  const server = await startMongo({ auth: true });
  const { password } = new URL(server.url);
  const events: QueryEvent[] = [];
  try {
    await using db = new MongoConnection({ models: MODELS });
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
    const other = new MongoConnection({ models: MODELS });
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

test("a primary that steps down in a bulk insert is an error in words or nothing at all, and running it again completes it", async () => {
  const server = await startMongo();
  const admin = new MongoClient(server.url);
  try {
    await using db = new MongoConnection({ models: MODELS });
    await db.connect({ URL: server.url, DATABASE: "d" });
    await db.createDb();
    const rows = Array.from({ length: 60_000 }, (_, id) => ({
      id: BigInt(id),
      name: `star ${id}`,
      notes: "x".repeat(500),
    }));
    const inserting = db.query(Star).bulkInsert(rows).catch((error) => error);
    while (!await db.query(Star).checkExists()) { /* not yet */ }
    await admin.db("admin").command({
      replSetStepDown: 2,
      secondaryCatchUpPeriodSecs: 0,
      force: true,
    });
    const outcome: unknown = await inserting;
    if (outcome instanceof Error) {
      assert.ok(outcome instanceof DbPluginsError, Deno.inspect(outcome));
    } else assert.deepEqual(outcome, { inserted: 60_000, ignored: 0 });
    const { inserted, ignored } = await eventually(() =>
      db.query(Star).bulkInsert(rows)
    );
    assert.equal(inserted + ignored, rows.length);
    assert.equal(await db.query(Star).count(), rows.length);
    const upserted = await db.query(Star).bulkUpsert(
      rows.slice(0, 100).map(({ id }) => ({ id, mag: 1 })),
    );
    assert.equal(upserted.updated, 100);
  } finally {
    await admin.close();
    await server.stop();
  }
});

/** What an attempt gives once the server takes writes again. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0;; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === 100 || !(error instanceof DbPluginsError)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test("a hundred who get or make one row make one, fifty times over", async () => {
  await using db = await opened();
  for (let round = 0; round < 50; round++) {
    const made = await Promise.all(
      Array.from({ length: 100 }, (_, mag) =>
        db.query(Star).getOrCreate({
          filterBy: { id: BigInt(round) },
          name: `star ${round}`,
          mag,
        })),
    );
    assert.equal(made.filter(([, created]) => created).length, 1);
    assert.equal(new Set(made.map(([row]) => row.mag)).size, 1);
  }
  assert.equal(await db.query(Star).count(), 50);
});

test("a filter of a hundred thousand keys finds what is there", async () => {
  await using db = await opened();
  const nights = Array.from({ length: 500 }, (_, night) => ({
    star: BigInt(night * 200) + 2n ** 60n,
    night,
    mag: null,
    quality: 1,
  }));
  await db.query(Sighting).bulkInsert(nights);
  const ids = Array.from(
    { length: 100_000 },
    (_, id) => BigInt(id) + 2n ** 60n,
  );
  const filterBy = { star: ids };
  assert.equal(await db.query(Sighting).count({ filterBy }), 500);
  assert.equal((await db.query(Sighting).findAll({ filterBy })).length, 500);
  assert.equal(
    await db.query(Sighting).count({ filterBy: { star: { notIn: ids } } }),
    0,
  );
  const set = { mag: 1 };
  assert.equal(await db.query(Sighting).updateAll({ filterBy, set }), 500);
  assert.equal(await db.query(Sighting).deleteAll({ filterBy }), 500);
});

test("of two sessions that write one row both are kept, and what one removed the other misses", async () => {
  await using db = await opened();
  await db.query(Star).bulkInsert([{ id: 1n, name: "a" }]);
  const stars = db.query(Star);
  const read = Promise.withResolvers<void>();
  let readers = 0;
  /** Reads the row in a session of its own, and does this to it when the other session has read it too. */
  const inSession = (change: (row: StarRow) => void): Promise<object> =>
    db.withSession(async (session) => {
      const row = await stars.findOne({ filterBy: { id: 1n } });
      assert.ok(row);
      if (++readers === 2) read.resolve();
      await read.promise;
      change(row);
      return await session.commit();
    });
  await Promise.all([
    inSession((row) => void stars.update(row, { mag: 1 })),
    inSession((row) => void stars.update(row, { visits: 2 })),
  ]);
  const row = await stars.findOne({ filterBy: { id: 1n } });
  assert.ok(row);
  assert.deepEqual([row.mag, row.visits], [1, 2]);
  stars.update(row, { mag: 3 });
  await db.withSession(async (session) => {
    const [same] = await stars.findAll();
    assert.ok(same);
    stars.delete(same);
    await session.commit();
  });
  await assert.rejects(db.session.commit(), StaleRowError);
  assert.equal(await stars.count(), 0);
  db.session.rollback();
});

test("a connection is of no use inside its own transaction, and can be closed twice", async () => {
  const db = await opened();
  await db.transaction(async (tx) => {
    await assert.rejects(
      async () => void await db.query(Star).count(),
      TransactionError,
    );
    assert.equal(await tx.query(Star).count(), 0);
  });
  await db.close();
  await db.close();
  await assert.rejects(
    async () => void await db.query(Star).count(),
    DbPluginsError,
  );
});
