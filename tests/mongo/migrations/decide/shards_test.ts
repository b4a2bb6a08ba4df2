// Sharded collections. These tests write entries to config.collections, from which the routers of a cluster answer;
// they do not test the answers of a router.
import { type AnyModel, MigrationError } from "@alerce/db-plugins";
import { drift, makeMigrations, migrate } from "@alerce/db-plugins/migrate";
import { type Document, MongoClient } from "mongodb";
import assert from "node:assert/strict";
import { z } from "zod";
import { mongoDialect } from "../../../../src/mongo/migrations/dialect.ts";
import { planSchema } from "../../../../src/mongo/migrations/plan/plan.ts";
import { modelOf, mongoTest, Place } from "../../../support/mongo_migrating.ts";
import { startMongo, withoutMongo } from "../../../support/mongo_server.ts";

const fields = { id: z.int64(), oid: z.string().nullable() };
/** Fields in which each document has an `oid`, so that a unique key includes all. */
const full = { oid: z.string() };
const star = (
  options: Parameters<typeof modelOf>[2] = {},
  more: Readonly<Record<string, z.ZodType>> = {},
): AnyModel =>
  modelOf("star", { ...fields, ...more }, {
    indexes: [{ fields: ["oid"] }],
    ...options,
  });

/** Registers a collection as sharded, and removes the entry at the end. */
async function sharded(
  { db }: Place,
  name: string,
  key: Document,
  more: Document = {},
): Promise<AsyncDisposable> {
  const entries = db.client.db("config").collection<{ _id: string }>(
    "collections",
  );
  const _id = `${db.databaseName}.${name}`;
  await entries.replaceOne({ _id }, { key, unique: false, ...more }, {
    upsert: true,
  });
  return {
    async [Symbol.asyncDispose]() {
      await entries.deleteOne({ _id });
    },
  };
}

/** The refusals of a plan, whose sketches can be parsed. */
async function refusal(
  place: Place,
  options: Parameters<typeof makeMigrations>[1],
): Promise<string> {
  const error: unknown = await makeMigrations(place, options).then(
    () => undefined,
    (error) => error,
  );
  assert(error instanceof MigrationError, `it is refused: ${error}`);
  assert.equal(error.exitCode, 7, error.message);
  for (const part of error.message.split("\n\nNot generated:")) {
    mongoDialect.parse(`[${part.split("from this:\n")[1]}]`, "sketch");
  }
  return error.message;
}

mongoTest(
  "a shard key is reported, and changes that keep it are migrated",
  async ({ directory, open }) => {
    const place = await open([star()]);
    await makeMigrations(place, { directory });
    await migrate(place, { directory });
    await using _star = await sharded(place, "star", { oid: 1 });
    // A collection of another database, and an unsharded one, which MongoDB 8 lists.
    await using _other = await sharded(place, "stars", { x: 1 });
    const same = await makeMigrations(place, { directory });
    const reported = ['star: shard key { "oid": 1 }'];
    assert.deepEqual([same.files, same.unmanaged], [undefined, reported]);
    const { exitCode, unmanaged } = await drift(place, { directory });
    assert.deepEqual([exitCode, unmanaged], [0, reported]);
    const more = await open([
      star({
        indexes: [{ fields: ["oid"] }, { fields: ["oid", "id"], unique: true }],
      }, { mag: z.float64().nullable() }),
    ]);
    await makeMigrations(more, { directory });
    await migrate(more, { directory });
    await using _whole = await sharded(place, "star", { _id: 1 }, {
      unsplittable: true,
    });
    assert.deepEqual(
      (await makeMigrations(more, { directory })).unmanaged,
      [],
    );
  },
);

mongoTest(
  "a unique key that does not begin with the shard key is refused, unless that is a hashed field",
  async ({ directory, open }) => {
    const place = await open([star({}, full)]);
    await makeMigrations(place, { directory });
    await migrate(place, { directory });
    const { db } = place;
    const keyed = await open([star({ primaryKey: ["id"] }, full)]);
    {
      await using _star = await sharded(place, "star", { oid: 1 });
      const message = await refusal(keyed, { directory });
      assert.match(
        message,
        /add the unique index star_pkey \{ id: 1 \} unique of star: the collection is sharded by \{ "oid": 1 \}/,
      );
      assert.match(message, /reshardCollection.*star.*id.*: 1/);
      const unique = await open([
        star({ indexes: [{ fields: ["oid"], unique: true }] }, full),
      ]);
      await makeMigrations(unique, { directory, dryRun: true });
    }
    {
      // An existing index that would become unique, too.
      await using _star = await sharded(place, "star", { id: 1n, oid: 1 });
      const unique = await open([
        star({ indexes: [{ fields: ["oid"], unique: true }] }, full),
      ]);
      assert.match(
        await refusal(unique, { directory }),
        /ix_star_oid \{ oid: 1 \} unique/,
      );
    }
    await using _star = await sharded(place, "star", { id: "hashed" });
    await db.collection("star").createIndex({ id: "hashed" });
    await makeMigrations(keyed, { directory });
    await migrate(keyed, { directory });
  },
);

mongoTest(
  "the field of a shard key keeps its name and values, and its last index is kept",
  async ({ directory, open }) => {
    const place = await open([star()]);
    await makeMigrations(place, { directory });
    await migrate(place, { directory });
    await using _star = await sharded(place, "star", { oid: 1 });
    const renamed = await open([
      modelOf("star", { id: z.int64(), name: z.string().nullable() }, {
        indexes: [{ fields: ["name"] }],
      }),
    ]);
    const message = await refusal(renamed, {
      directory,
      renames: { "star.oid": "star.name" },
    });
    assert.match(
      message,
      /rename the field star\.oid to name: star is sharded by/,
    );
    assert.match(message, /shardCollection.*star_new.*name.*: 1/);
    assert.match(
      await refusal(renamed, { directory, drops: ["star.oid"] }),
      /drop the field star\.oid: star is sharded by/,
    );
    const filled = await open([
      modelOf("star", { id: z.int64(), oid: z.string() }, {
        indexes: [{ fields: ["oid"] }],
      }),
    ]);
    assert.match(
      await refusal(filled, { directory, defaults: { "star.oid": "none" } }),
      /fill the field star\.oid: star is sharded.*"q": \{ "oid": null, "oid\.0": \{ "\$exists": false \} \}/s,
    );
    const bare = await open([star({ indexes: [] })]);
    assert.match(
      await refusal(bare, { directory }),
      /the only one that begins with the shard key.*"key": \{ "oid": 1, "_id": 1 \}/s,
    );
    await place.db.collection("star").createIndex({ oid: 1, _id: 1 });
    await makeMigrations(bare, { directory });
    await migrate(bare, { directory });
  },
);

mongoTest(
  "a sharded collection is renamed and dropped, and the loss of its shard key is reported",
  async ({ directory, open }) => {
    const place = await open([star({}, full), modelOf("night", fields)]);
    await makeMigrations(place, { directory });
    await migrate(place, { directory });
    await using _night = await sharded(place, "night", { id: "hashed" });
    const { files, changes } = await makeMigrations(
      await open([star({}, full)]),
      {
        directory,
        drops: ["night"],
        dryRun: true,
      },
    );
    assert.deepEqual(changes, [
      'drop the collection night with its documents and its shard key { "id": "hashed" }',
    ]);
    assert.match(files?.downText ?? "", /irreversible.*shard key/);
    const options = {
      intent: {
        renames: new Map([["night", "nights"]]),
        drops: new Set<string>(),
        defaults: new Map(),
      },
      managed: ["star", "night"],
    };
    const models = [star({}, full), modelOf("nights", fields)];
    const view = { db: place.db, prefix: "" };
    const [old, young] = [
      await planSchema(view, models, "4.4.30", options),
      await planSchema(view, models, "6.0.5", options),
    ];
    assert.match(
      old.refused.map(({ change }) => change).join(),
      /MongoDB before 5\.0 cannot rename a sharded collection/,
    );
    assert.deepEqual(young.refused, []);
    await using _star = await sharded(place, "star", { oid: 1 });
    const unique = await open([
      star({ indexes: [{ fields: ["oid"], unique: true }] }, full),
      modelOf("night", fields),
    ]);
    const made = await makeMigrations(unique, { directory, dryRun: true });
    assert.match(
      made.files?.downText ?? "",
      /irreversible the down migration would leave star without an index/,
    );
  },
);

Deno.test({
  name:
    "mongodb migrations: a user who may not read config.collections can migrate outside a cluster",
  ignore: withoutMongo,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const server = await startMongo({ auth: true });
    const directory = await Deno.makeTempDir({ prefix: "dbp-migrations-" });
    const root = new MongoClient(server.url);
    const password = crypto.randomUUID();
    try {
      await root.db("d").command({
        createUser: "writer",
        pwd: password,
        roles: [{ role: "readWrite", db: "d" }, { role: "dbAdmin", db: "d" }],
      });
      await using place = new Place({ models: [star()] });
      await place.connect({
        HOST: "127.0.0.1",
        PORT: server.port,
        USERNAME: "writer",
        PASSWORD: password,
        DATABASE: "d",
        AUTH_SOURCE: "d",
      });
      await assert.rejects(
        place.db.client.db("config").collection("collections").findOne(),
        /not authorized/,
      );
      await makeMigrations(place, { directory });
      await migrate(place, { directory });
      assert.equal((await drift(place, { directory })).exitCode, 0);
    } finally {
      await root.close();
      await server.stop();
      await Deno.remove(directory, { recursive: true });
    }
  },
});
