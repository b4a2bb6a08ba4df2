// Collections that are sharded. What a cluster notes of them stands in config.collections, which its routers answer from:
// it is written there by these tests, so that plans are held against it; what a router itself says is not seen here.
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
/** Where each has its `oid`, a unique key leaves none out. */
const full = { oid: z.string() };
const star = (
  options: Parameters<typeof modelOf>[2] = {},
  more: Readonly<Record<string, z.ZodType>> = {},
): AnyModel =>
  modelOf("star", { ...fields, ...more }, {
    indexes: [{ fields: ["oid"] }],
    ...options,
  });

/** Notes in the cluster's own place that a collection is sharded; takes it back at the end. */
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

/** What a plan is refused for; its sketch is a file that can be read. */
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
  "a shard key is told; what stands in no way of it is migrated",
  async ({ directory, open }) => {
    const place = await open([star()]);
    await makeMigrations(place, { directory });
    await migrate(place, { directory });
    await using _star = await sharded(place, "star", { oid: 1 });
    // Another database's, and one that MongoDB 8 lists though it is whole.
    await using _other = await sharded(place, "stars", { x: 1 });
    const same = await makeMigrations(place, { directory });
    const told = ['star: shard key { "oid": 1 }'];
    assert.deepEqual([same.files, same.unmanaged], [undefined, told]);
    const { exitCode, unmanaged } = await drift(place, { directory });
    assert.deepEqual([exitCode, unmanaged], [0, told]);
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
  "a unique key that does not begin with the shard key is refused, one on a hashed field is not",
  async ({ directory, open }) => {
    const place = await open([star({}, full)]);
    await makeMigrations(place, { directory });
    await migrate(place, { directory });
    const { db } = place;
    const keyed = await open([star({ primaryKey: ["id"] }, full)]);
    {
      await using _star = await sharded(place, "star", { oid: 1 });
      const said = await refusal(keyed, { directory });
      assert.match(
        said,
        /star is sharded by \{ "oid": 1 \}, and star_pkey \{ id: 1 \} unique does not begin with that/,
      );
      assert.match(said, /reshardCollection.*star.*id.*: 1/);
      const unique = await open([
        star({ indexes: [{ fields: ["oid"], unique: true }] }, full),
      ]);
      await makeMigrations(unique, { directory, dryRun: true });
    }
    {
      // One that is there and would become unique, too.
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
  "a shard key's field keeps its name and its values, and its last index stays",
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
    const said = await refusal(renamed, {
      directory,
      renames: { "star.oid": "star.name" },
    });
    assert.match(said, /star\.oid becomes star\.name, and star is sharded by/);
    assert.match(said, /shardCollection.*star_new.*name.*: 1/);
    assert.match(
      await refusal(renamed, { directory, drops: ["star.oid"] }),
      /star\.oid goes, and star is sharded by/,
    );
    const filled = await open([
      modelOf("star", { id: z.int64(), oid: z.string() }, {
        indexes: [{ fields: ["oid"] }],
      }),
    ]);
    assert.match(
      await refusal(filled, { directory, defaults: { "star.oid": "none" } }),
      /star\.oid gets a value where it has none.*"q": \{ "oid": null, "oid\.0": \{ "\$exists": false \} \}/s,
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
  "a sharded collection is renamed and dropped, and says that its shard key goes; its last index is not taken back",
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
    const gone = 'and its shard key { "id": "hashed" }';
    assert.deepEqual(changes, [`night goes, with its documents ${gone}`]);
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
      /MongoDB before 5\.0 renames no sharded collection/,
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
      /irreversible on the way back star would for a while have no index/,
    );
  },
);

Deno.test({
  name:
    "mongodb migrations: a user who may not look at config.collections migrates where there is no cluster",
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
