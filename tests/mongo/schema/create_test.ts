// The collections of ALeRCE's models in a live database, compared with the schema that its Python library creates on PostgreSQL.
import { type AnyModel, defineModel, SchemaError } from "@alerce/db-plugins";
import { ALERCE_MODELS, Detection } from "@alerce/db-plugins/models";
import { type Db, MongoClient, MongoServerError } from "mongodb";
import assert from "node:assert/strict";
import { z } from "zod";
import { createSchema, dropSchema } from "../../../src/mongo/schema/create.ts";
import { isCreating } from "../../../src/mongo/schema/verify_collections.ts";
import wanted from "../../data/alerce_schema.json" with { type: "json" };
import { mongoUrl, withoutMongo } from "../../support/mongo_server.ts";
import { until, untilEqual } from "../../support/waiting.ts";

/** BSON types by PostgreSQL type. */
const BSON: Readonly<Record<string, unknown>> = {
  "bigint": ["int", "long"],
  "integer": ["int"],
  "double precision": ["number"],
  "real": ["number"],
  "boolean": ["bool"],
  "character varying": ["string"],
  "text": ["string"],
  "character varying[]": ["array"],
  "timestamp without time zone": ["date"],
};

const Night = defineModel("night", {
  fields: z.object({
    id: z.int64(),
    name: z.string().nullable(),
    kind: z.enum(["dark", "grey"]),
    mags: z.array(z.float64().nullable()).nullable(),
    notes: z.unknown(),
    seen: z.date().nullable(),
    count: z.int32(),
  }),
  primaryKey: ["id"],
  unique: [["name"]],
  indexes: [
    { fields: ["count"], where: "count > 3 and kind = 'dark'" },
    { fields: [{ field: "seen", order: "desc" }] },
    { fields: ["mags"], using: "gin" },
    { fields: [{ sql: "lower(name)" }] },
    { fields: ["id"] },
  ],
});

function test(name: string, fn: (db: Db) => Promise<void>): void {
  Deno.test({
    name: `mongodb: ${name}`,
    ignore: withoutMongo,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const client = new MongoClient(mongoUrl(), { useBigInt64: true });
      const db = client.db(`schema_${crypto.randomUUID().slice(0, 8)}`);
      try {
        await fn(db);
      } finally {
        await db.dropDatabase();
        await client.close();
      }
    },
  });
}

const create = (
  db: Db,
  models: readonly AnyModel[] = ALERCE_MODELS,
  verify = false,
) => createSchema(db, models, verify, () => Promise.resolve());

/** Reads the validators and indexes with commands that the library does not use. */
async function catalog(db: Db, table: string): Promise<unknown> {
  const { cursor } = await db.command({
    listCollections: 1,
    filter: { name: table },
  });
  const [{ options }] = cursor.firstBatch;
  const { required, properties } = options.validator.$jsonSchema;
  const { cursor: { firstBatch: indexes } } = await db.command({
    listIndexes: table,
  });
  return {
    name: table,
    strict: [options.validationLevel, options.validationAction],
    columns: Object.entries(properties).map(([name, property]) => {
      const types = [Reflect.get(Object(property), "bsonType")].flat();
      return {
        name,
        type: types.filter((type) => type !== "null"),
        nullable: types.includes("null"),
        required: required.includes(name),
      };
    }),
    indexes: indexes.filter(({ name }: { name: string }) => name !== "_id_")
      .map(({ name, key, unique = false, partialFilterExpression = null }: {
        name: string;
        key: object;
        unique?: boolean;
        partialFilterExpression?: unknown;
      }) => ({
        name,
        keys: Object.entries(key),
        unique,
        where: partialFilterExpression,
      }))
      .sort(byName),
  };
}

/** The expected validators and indexes. */
function expected(table: typeof wanted[number]): unknown {
  return {
    name: table.name,
    strict: ["strict", "error"],
    columns: table.columns.map(({ name, type, nullable }) => ({
      name,
      type: BSON[type],
      nullable,
      required: !nullable,
    })),
    indexes: [
      {
        name: table.primaryKey.name,
        keys: table.primaryKey.columns.map((column) => [column, 1]),
        unique: true,
        where: null,
      },
      ...table.indexes.map(({ name, columns, method, unique, where }) => ({
        name,
        keys: columns.map((
          column,
        ) => [column, method === "hash" ? "hashed" : 1]),
        unique,
        where: where === "ranking = 1" ? { ranking: { $eq: 1 } } : where,
      })),
      // Positions are MongoDB's own.
      ...table.name === "object"
        ? [{
          name: "loc_2dsphere",
          keys: [["loc", "2dsphere"]],
          unique: false,
          where: null,
        }]
        : [],
    ].sort(byName),
  };
}

function byName(left: { name: string }, right: { name: string }): number {
  return left.name < right.name ? -1 : 1;
}

async function refused(work: Promise<unknown>): Promise<void> {
  await assert.rejects(
    work,
    (error) => error instanceof MongoServerError && error.code === 121,
  );
}

/** What MongoDB does not enforce of ALeRCE's models. */
const FOREIGN_KEYS = [
  "probability: MongoDB does not enforce the foreign key (oid)",
  "feature_version: MongoDB does not enforce the foreign keys (step_id_feature), (step_id_preprocess)",
  "feature: MongoDB does not enforce the foreign keys (oid), (version)",
  "xmatch: MongoDB does not enforce the foreign key (oid)",
  "magstat: MongoDB does not enforce the foreign key (oid)",
  "non_detection: MongoDB does not enforce the foreign key (oid)",
  "detection: MongoDB does not enforce the foreign key (oid)",
  "dataquality: MongoDB does not enforce the foreign key (candid, oid)",
  "gaia_ztf: MongoDB does not enforce the foreign key (oid)",
  "ss_ztf: MongoDB does not enforce the foreign key (oid)",
  "ps1_ztf: MongoDB does not enforce the foreign key (oid)",
  "reference: MongoDB does not enforce the foreign key (oid)",
];

test("the 17 collections have the columns, keys and indexes of ALeRCE's tables", async (db) => {
  const { created, present, notes } = await create(db);
  assert.deepEqual([...created].sort(), wanted.map(({ name }) => name).sort());
  assert.deepEqual(present, []);
  assert.deepEqual(notes, FOREIGN_KEYS);
  for (const table of wanted) {
    assert.deepEqual(await catalog(db, table.name), expected(table));
  }
});

test("a second run creates nothing and finds no difference", async (db) => {
  await create(db);
  const before = await Promise.all(wanted.map(({ name }) => catalog(db, name)));
  for (const verify of [false, true]) {
    const { created, present, notes } = await create(db, ALERCE_MODELS, verify);
    assert.deepEqual([created, present.length], [[], 17]);
    assert.deepEqual(notes, FOREIGN_KEYS);
  }
  assert.deepEqual(
    await Promise.all(wanted.map(({ name }) => catalog(db, name))),
    before,
  );
});

test("two runs at the same time do not interfere", async (db) => {
  const reports = await Promise.all(
    Array.from(
      { length: 4 },
      (_, place) => create(db, ALERCE_MODELS, place > 1),
    ),
  );
  assert.deepEqual(
    reports.flatMap(({ created }) => created).sort(),
    wanted.map(({ name }) => name).sort(),
  );
  for (const table of wanted) {
    assert.deepEqual(await catalog(db, table.name), expected(table));
  }
});

test("verify waits while another process creates collections", async (db) => {
  await create(db, [Night]);
  const { cursor } = await db.command({ listIndexes: "night" });
  const missing = cursor.firstBatch.slice(-3);
  for (const { name } of missing) await db.collection("night").dropIndex(name);
  const client = new MongoClient(mongoUrl(), {
    useBigInt64: true,
    monitorCommands: true,
  });
  let looks = 0;
  const built: Promise<unknown>[] = [];
  client.on("commandStarted", ({ commandName }) => {
    if (commandName !== "listCollections" || ++looks % 4 !== 0) return;
    const index = missing.shift();
    if (index === undefined) return;
    built.push(db.command({ createIndexes: "night", indexes: [index] }));
  });
  try {
    const watched = client.db(db.databaseName);
    const { present } = await create(watched, [Night], true);
    assert.deepEqual([present, missing], [["night"], []]);
    assert(looks > 8);
  } finally {
    await Promise.all(built);
    await client.close();
  }
});

test("indexes that the server is building are detected", async (db) => {
  await db.createCollection("night");
  assert.equal(await isCreating(db, ["night"]), false);
  const session = db.client.startSession();
  session.startTransaction();
  await db.collection("night").insertOne({ id: 1n }, { session });
  // The build waits for the transaction.
  const building = db.collection("night").createIndex({ id: 1 });
  try {
    await until("a build", () => isCreating(db, ["star", "night"]));
    assert.equal(await isCreating(db, ["star"]), false);
  } finally {
    await session.abortTransaction();
    await session.endSession();
    await building;
  }
  await untilEqual("a build", () => isCreating(db, ["night"]), false);
});

test("dropSchema returns the names of dropped collections, the history included", async (db) => {
  await create(db);
  await db.createCollection("dbp_migrations");
  await db.createCollection("dbp_migrations_lock");
  await db.createCollection("somebody_elses");
  assert.deepEqual(await dropSchema(db, ALERCE_MODELS), [
    ...ALERCE_MODELS.map(({ table }) => table),
    "dbp_migrations",
    "dbp_migrations_lock",
  ]);
  assert.deepEqual(await dropSchema(db, ALERCE_MODELS), []);
  assert.deepEqual(
    (await db.listCollections().toArray()).map(({ name }) => name),
    ["somebody_elses"],
  );
});

test("verify names every difference and changes nothing", async (db) => {
  await create(db, [Night]);
  const { cursor: { firstBatch: [{ options }] } } = await db.command({
    listCollections: 1,
    filter: { name: "night" },
  });
  const { $jsonSchema } = options.validator;
  await db.command({
    collMod: "night",
    validationAction: "warn",
    validator: {
      $jsonSchema: {
        ...$jsonSchema,
        required: ["id", "kind", "notes", "count", "name"],
        properties: {
          ...$jsonSchema.properties,
          count: { bsonType: ["int", "null"] },
          kind: { enum: ["dark", "bright"], bsonType: "string" },
          seeing: { bsonType: "double" },
          mags: undefined,
        },
      },
    },
  }, { ignoreUndefined: true });
  await db.collection("night").dropIndex("night_pkey");
  await assert.rejects(create(db, [Night], true), (error) => {
    assert(error instanceof SchemaError);
    assert.deepEqual([...error.differences].sort(), [
      "night.kind is one of dark, bright, the model has one of dark, grey",
      "night.name is required, the model has nullable",
      "the index night_pkey { id: 1 } unique of night is missing",
      "the rule for night.mags (an array of number or null) is missing",
      "the rule for night.seeing (double) is not in the models",
      "the validation of night is strict and warn, the model has strict and error",
    ]);
    return true;
  });
  assert.equal(
    (await db.collection("night").indexes()).some(({ name }) =>
      name === "night_pkey"
    ),
    false,
  );
});

test("a collection that was created by a write differs, and gets its indexes", async (db) => {
  await db.collection("night").insertOne({ id: 1n });
  await assert.rejects(
    create(db, [Night], true),
    /the validator of night is missing/,
  );
  const { created, present, notes } = await create(db, [Night]);
  assert.deepEqual([created, present], [[], ["night"]]);
  assert.deepEqual(notes, [
    "night: the index ix_night_expr is over an SQL expression, which MongoDB does not support",
    "night: the index night_pkey { id: 1 } unique was created",
    'night: the index night_name_key { name: 1 } unique where {"name":{"$gte":""}} was created',
    'night: the index ix_night_count { count: 1 } where {"$and":[{"count":{"$gt":3}},{"kind":{"$eq":"dark"}}]} was created',
    "night: the index ix_night_seen { seen: -1 } was created",
    "night: the index ix_night_mags { mags: 1 } was created",
  ]);
});

test("duplicate keys are reported before a unique index is built, and nothing is created", async (db) => {
  await db.collection("detection").insertMany([
    { candid: 516171791415015025n, oid: "a" },
    { candid: 516171791415015025n, oid: "a" },
    { candid: 516171791415015025n, oid: "b" },
    { oid: "c" },
    { candid: null, oid: "c" },
  ]);
  await assert.rejects(create(db), (error) => {
    assert(error instanceof SchemaError);
    assert.deepEqual([...error.differences].sort(), [
      'detection has 2 documents with candid "516171791415015025", oid "a", so the index detection_pkey { candid: 1, oid: 1 } unique cannot be built',
      'detection has 2 documents with candid null, oid "c", so the index detection_pkey { candid: 1, oid: 1 } unique cannot be built',
    ]);
    return true;
  });
  assert.deepEqual(
    (await db.listCollections().toArray()).map(({ name }) => name),
    ["detection"],
  );
});

test("the server rejects documents that break the rules", async (db) => {
  await create(db, [Detection, Night]);
  const nights = db.collection("night");
  const night = (id: bigint, more: object = {}): object => ({
    ...{ id, name: null, kind: "dark", mags: null, notes: { a: 1 } },
    ...{ seen: null, count: 1, ...more },
  });
  await nights.insertOne(night(1n));
  await nights.insertOne(night(2n, { extra: true, mags: [1, 1.5, null] }));
  await nights.insertOne({ id: 3, kind: "grey", notes: "x", count: 2 });
  await refused(nights.insertOne(night(4n, { count: 5n })));
  await refused(nights.insertOne(night(4n, { count: 1.5 })));
  await refused(nights.insertOne(night(4n, { kind: "bright" })));
  await refused(nights.insertOne(night(4n, { kind: null })));
  await refused(nights.insertOne(night(4n, { mags: ["a"] })));
  await refused(nights.insertOne(night(4n, { notes: null })));
  await refused(nights.insertOne(night(4n, { seen: "2020-01-01" })));
  await refused(nights.insertOne({ kind: "grey", notes: "x", count: 2 }));
  await refused(nights.updateOne({ id: 1n }, { $set: { count: null } }));
  await refused(db.collection("detection").insertOne({ candid: 1n, oid: "a" }));
  assert.equal(await nights.countDocuments(), 3);
});

test("a unique key allows any number of nulls, and serves an equality", async (db) => {
  await create(db, [Night]);
  const nights = db.collection("night");
  const night = { kind: "dark", notes: 1, count: 1 };
  await nights.insertMany([{ id: 1n, ...night }, {
    id: 2n,
    name: null,
    ...night,
  }]);
  await nights.insertOne({ id: 3n, name: "a", ...night });
  await assert.rejects(
    nights.insertOne({ id: 4n, name: "a", ...night }),
    /E11000.*night_name_key/,
  );
  const plan = await nights.find({ name: { $eq: "a" } }).explain();
  assert.equal(
    plan.queryPlanner.winningPlan.inputStage.indexName,
    "night_name_key",
  );
});

test("seed rows are passed to the seeder", async (db) => {
  const Survey = defineModel("survey", {
    fields: z.object({ id: z.int32() }),
    primaryKey: ["id"],
    seed: [{ id: 1 }],
  });
  const seeded: string[] = [];
  await createSchema(db, [Survey, Night], false, (model) => {
    seeded.push(model.name);
    return Promise.resolve();
  });
  assert.deepEqual(seeded, ["survey"]);
});

test("a unique index over SQL is an error; any other becomes a note", async (db) => {
  const Bad = defineModel("bad", {
    fields: z.object({ id: z.int32(), name: z.string() }),
    indexes: [{ fields: [{ sql: "lower(name)" }], unique: true }],
  });
  await assert.rejects(
    create(db, [Bad]),
    /Cannot create a unique key\. bad: the index ix_bad_expr is over an SQL expression/,
  );
  assert.deepEqual(await db.listCollections().toArray(), []);
});
