// The command line, the demo and the first example on MongoDB.
import { MongoConnection } from "@alerce/db-plugins";
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { dbp, settingsFile } from "../support/cli.ts";
import { mongoSettings } from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";
import { program, ROOT } from "../support/program.ts";
import { hashes } from "../support/tables.ts";

const HISTORY = ["dbp_migrations", "dbp_migrations_lock"];
const TABLES = ALERCE_MODELS.map(({ table }) => table);

interface Settings {
  readonly URL: string;
  readonly DATABASE: string;
}

/** A test in its own database, with a client of the driver. */
function test(
  name: string,
  fn: (settings: Settings, client: MongoClient) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: withoutMongo,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const settings = mongoSettings();
      const client = new MongoClient(settings.URL);
      try {
        await fn(settings, client);
      } finally {
        await client.db(settings.DATABASE).dropDatabase();
        await client.close();
      }
    },
  });
}

/** Every collection with its validator and indexes. */
async function schema(
  client: MongoClient,
  { DATABASE }: Settings,
): Promise<Record<string, unknown>> {
  const db = client.db(DATABASE);
  const found = await db.listCollections().toArray();
  const each = await Promise.all(
    found.map(async (info) => [
      info.name,
      { ...info, indexes: await db.collection(info.name).indexes() },
    ]),
  );
  return Object.fromEntries(each);
}

test(
  "initdb creates collections with validators and indexes, and finds them the second time",
  async (settings, client) => {
    await using file = await settingsFile({ DB_CONFIG: { MONGO: settings } });
    const { path } = file;
    const { code, out, err } = await dbp("initdb", "--settings_path", path);
    assert.equal(code, 0, err);
    assert.match(
      out,
      /^(?:\w+: MongoDB does not enforce the foreign keys? .*\n)+Wrote \S+\/mongo\/\d{8}T\d{6}_baseline\.up\.json\n.*\nApplied .*\nDatabase created with/,
    );
    const made = await schema(client, settings);
    assert.deepEqual(
      Object.keys(made).sort(),
      [...TABLES, ...HISTORY].sort(),
    );
    assert.match(JSON.stringify(made.detection), /\$jsonSchema/);
    assert.match(
      JSON.stringify(made.detection),
      /"key":\{"candid":1,"oid":1\}[^}]*"unique":true/,
    );
    const again = await dbp("initdb", "--settings_path", path);
    assert.deepEqual([again.code, again.err], [0, ""]);
    assert.deepEqual(
      again.out.split("\n").filter((line) => !/foreign keys? \(/.test(line)),
      [
        `Nothing else to do: all tables exist and match the models (credentials from ${path})`,
        "",
      ],
    );
    assert.deepEqual(await schema(client, settings), made);
  },
);

test(
  "initdb names a missing index, and changes nothing",
  async (settings, client) => {
    await using file = await settingsFile({ DB_CONFIG: { MONGO: settings } });
    const { path } = file;
    await dbp("initdb", "--settings_path", path);
    const db = client.db(settings.DATABASE);
    await db.collection("object").dropIndex("ix_object_ndet");
    await db.dropCollection("pipeline");
    const before = await schema(client, settings);
    const { code, err } = await dbp("initdb", "--settings_path", path);
    assert.equal(code, 5);
    assert.match(
      err,
      /the index ix_object_ndet \{ ndet: 1 \} of object is missing/,
    );
    assert.deepEqual(await schema(client, settings), before);
  },
);

test("initdb reports model features that MongoDB does not have", async (settings) => {
  const { DATABASE, URL } = settings;
  await using file = await settingsFile(`
    import { defineModel } from "@alerce/db-plugins";
    import { z } from "zod";
    export const MODELS = [defineModel("noted", {
      fields: z.object({
        id: z.int32(),
        word: z.string().nullable(),
        created: z.date().meta({ sqlDefault: "now()" }),
        seen: z.date().default(() => new Date()).meta({ sqlDefault: "now()" }),
      }),
      primaryKey: ["id"],
      foreignKeys: [{
        fields: ["id"],
        references: { table: "noted", fields: ["id"] },
      }],
      checks: [{ name: "noted_word", sql: "length(word) > 1" }],
      indexes: [{ name: "ix_lower", fields: [{ sql: "lower(word)" }] }],
    })];
    export const DB_CONFIG = ${JSON.stringify({ MONGO: { URL, DATABASE } })};`);
  const { code, out, err } = await dbp("initdb", "--settings_path", file.path);
  assert.equal(code, 0, err);
  assert.match(out, /^noted: the check noted_word is SQL/m);
  assert.match(
    out,
    /^noted: MongoDB does not enforce the foreign key \(id\)$/m,
  );
  assert.match(
    out,
    /^noted\.created: MongoDB has no sqlDefault; use \.default\(\)$/m,
  );
  assert.doesNotMatch(out, /seen/);
  assert.match(out, /Database created with credentials from/);
});

test(
  "--db selects the entry; dropdb drops only the collections of the models",
  async (settings, client) => {
    await using file = await settingsFile({
      DB_CONFIG: {
        SQL: { ENGINE: "pglite", DB_NAME: "memory://" },
        MONGO: settings,
      },
    });
    const run = (...args: readonly string[]) =>
      dbp(...args, "--settings_path", file.path, "--db", "MONGO");
    assert.equal((await run("initdb")).code, 0);
    await client.db(settings.DATABASE).collection("other").insertOne({ a: 1 });
    const refused = await run("dropdb");
    assert.equal(refused.code, 7);
    assert.match(
      refused.err,
      new RegExp(`mongodb at .*database ${settings.DATABASE}`),
    );
    const { code, out } = await run("dropdb", "--yes");
    assert.equal(code, 0);
    assert.match(out, /^Dropped 19 tables with credentials from /);
    assert.deepEqual(Object.keys(await schema(client, settings)), ["other"]);
    assert.match((await run("dropdb", "--yes")).out, /^Nothing to drop/);
  },
);

test("the demo runs on MongoDB, and changes nothing the second time", async (settings) => {
  const example = join(ROOT, "examples/mongo/settings.ts");
  await using file = await settingsFile({});
  const migrations = join(file.folder, "migrations");
  const demo = () =>
    program([
      join(ROOT, "examples/demo.ts"),
      ...["--settings_path", example, "--migrations", migrations],
    ], { env: { MONGO_URL: settings.URL, MONGO_DATABASE: settings.DATABASE } });
  const tables = async (): Promise<Record<string, string>> => {
    await using db = new MongoConnection();
    await db.connect(settings);
    return await hashes(db, ALERCE_MODELS);
  };
  const first = await demo();
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, /Database created with credentials from/);
  assert.match(
    first.out,
    /78 real ZTF alerts: 45 objects, 250 detections and 714 non-detections are new/,
  );
  assert.match(
    first.out,
    /58684\.18735 +r +20\.065 +0\.188 +930187343115015013/,
  );
  const before = await tables();
  const second = await demo();
  assert.equal(second.code, 0, second.err);
  assert.match(second.out, /already existed \(45 objects\)/);
  assert.deepEqual(await tables(), before);
});

test("the seed example with MongoConnection creates its object once, and finds it the next time", async (settings) => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(folder, "examples"));
    const seed = await Deno.readTextFile(join(ROOT, "examples/seed.ts"));
    await Deno.writeTextFile(
      join(folder, "examples/seed.ts"),
      seed.replaceAll("SQLConnection", "MongoConnection")
        .replaceAll("DB_CONFIG.SQL", "DB_CONFIG.MONGO"),
    );
    await Deno.symlink(
      join(ROOT, "examples/data"),
      join(folder, "examples/data"),
    );
    await Deno.writeTextFile(
      join(folder, "settings.ts"),
      `export const DB_CONFIG = ${JSON.stringify({ MONGO: settings })};`,
    );
    const run = () => program(["examples/seed.ts"], { cwd: folder });
    const outcome = (created: boolean): string =>
      `<AstroObject(oid='ZTF18aaxlzgi')> created: ${created}\n0 objects with at least 2 detections\n`;
    assert.deepEqual(await run(), { code: 0, out: outcome(true), err: "" });
    assert.deepEqual(await run(), { code: 0, out: outcome(false), err: "" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
