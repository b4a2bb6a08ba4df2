// The first migration of a database asks if the database contains tables of others, and a database without a settings file has no models.
import { SQLConnection } from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { MongoClient } from "mongodb";
import { dbp, dbpProcess, settingsFile } from "../support/cli.ts";
import {
  freshSchema,
  mongoSettings,
  postgresSettings,
} from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";

const MODELS = `import { Star } from "@alerce/db-plugins/testing";
export const MODELS = [Star];`;

interface Foreign {
  readonly name: string;
  readonly entry: Record<string, unknown>;
  /** Creates tables of others. */
  readonly fill: (...tables: readonly string[]) => Promise<void>;
  readonly drop: () => Promise<void>;
}

async function foreignPostgres(): Promise<Foreign> {
  const DB_NAME = freshSchema();
  const entry = { ...postgresSettings(), DB_NAME };
  const admin = new SQLConnection({ models: [Star] });
  await admin.connect(postgresSettings());
  const { sql } = await import("kysely");
  await admin.sql`create database ${sql.id(DB_NAME)}`;
  return {
    name: "PostgreSQL",
    entry,
    async fill(...tables) {
      await using db = new SQLConnection({ models: [] });
      await db.connect(entry);
      for (const table of tables) {
        await db.sql`create table ${sql.id(table)} (id int)`;
      }
    },
    async drop() {
      await admin.sql`drop database ${sql.id(DB_NAME)} with (force)`;
      await admin.close();
    },
  };
}

function foreignMongo(): Promise<Foreign> {
  const { URL, DATABASE } = mongoSettings();
  const client = new MongoClient(URL);
  return Promise.resolve({
    name: "MongoDB",
    entry: { URL, DATABASE },
    async fill(...tables) {
      for (const table of tables) {
        await client.db(DATABASE).createCollection(table);
      }
    },
    async drop() {
      await client.db(DATABASE).dropDatabase();
      await client.close();
    },
  });
}

for (
  const create of [foreignPostgres, ...withoutMongo ? [] : [foreignMongo]]
) {
  Deno.test({
    name:
      `${create.name}: the first migration asks if the database contains other tables, and --yes answers`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const { name, entry, fill, drop } = await create();
      await using file = await settingsFile(
        `${MODELS}\nexport const DB_CONFIG = { MAIN: ${
          JSON.stringify(entry)
        } };`,
      );
      const run = (...args: readonly string[]) =>
        dbp(...args, "--settings_path", file.path);
      try {
        await fill("invoice", "customer");
        const asked = await run("initdb");
        assert.equal(asked.code, 7);
        assert.match(
          asked.err,
          new RegExp(
            `Cannot ask for confirmation without a terminal: ${name} at .* has no migration history, and contains 2 tables that no model describes: customer, invoice\\. Begin to manage .* Pass --yes to confirm`,
          ),
        );
        // Nothing was created: neither tables nor files.
        const again = await run("initdb", "--json");
        assert.equal(JSON.parse(again.out).error.name, "DecisionError");
        assert.equal((await run("initdb", "--yes")).code, 0);
        // A database with a history is known.
        await fill("order");
        assert.equal((await run("initdb")).code, 0);
        assert.equal((await run("migrate")).code, 0);
        // The same files on another foreign database.
        const other = await create();
        await other.fill("invoice");
        await Deno.writeTextFile(
          file.path,
          `${MODELS}\nexport const DB_CONFIG = { MAIN: ${
            JSON.stringify(other.entry)
          } };`,
        );
        assert.equal((await run("migrate", "--dry-run")).code, 0);
        const refused = await run("migrate");
        assert.equal(refused.code, 7);
        assert.match(refused.err, /contains 1 table that no model/);
        assert.equal((await run("migrate", "--yes")).code, 0);
        await other.drop();
      } finally {
        await drop();
      }
    },
  });
}

Deno.test("the baseline of an adopted database runs on an empty server, which lacks its types, and the question names tables only", async () => {
  const adopted = await foreignPostgres();
  const empty = await foreignPostgres();
  const entries = [adopted.entry, empty.entry].map((entry) =>
    JSON.stringify(entry)
  );
  await using file = await settingsFile(
    `import { defineModel } from "@alerce/db-plugins";
import { z } from "zod";
export const DB_CONFIG = { SQL: ${entries[0]}, EMPTY: ${entries[1]} };
export const MODELS = [defineModel("star", {
  fields: z.object({ id: z.int32(), mag: z.float64().meta({ sqlType: "magnitude" }) }),
  primaryKey: ["id"],
})];`,
  );
  const run = (...args: readonly string[]) =>
    dbp(...args, "--settings_path", file.path);
  try {
    await using db = new SQLConnection({ models: [] });
    await db.connect(adopted.entry);
    await db.sql`create domain magnitude as double precision`;
    await db
      .sql`create table star (id integer primary key, mag magnitude not null)`;
    await db.sql`create index by_mag on star (mag)`;
    // An index that no model has is no table of others.
    const first = await run("initdb");
    assert.equal(first.code, 0, first.err);
    await empty.fill("invoice");
    for (const command of ["initdb", "migrate"]) {
      const asked = await run(command, "--db", "EMPTY");
      assert.equal(asked.code, 7);
      assert.match(asked.err, /1 table that no model describes: invoice\. /);
    }
    const second = await run("initdb", "--db", "EMPTY", "--yes");
    assert.equal(second.code, 0, second.err);
  } finally {
    await adopted.drop();
    await empty.drop();
  }
});

Deno.test("a database of the environment has ALeRCE's models only if the user says so", async () => {
  const { drop, entry } = await foreignPostgres();
  const { USER, PASSWORD, HOST, PORT, DB_NAME } = entry;
  const cwd = await Deno.makeTempDir();
  const DATABASE_URL =
    `postgresql://${USER}:${PASSWORD}@${HOST}:${PORT}/${DB_NAME}`;
  const run = (...args: readonly string[]) =>
    dbpProcess(args, { cwd, env: { DATABASE_URL } });
  try {
    for (const command of ["initdb", "make_migrations", "check", "drift"]) {
      const { code, err } = await run(command);
      assert.equal(code, 1, command);
      assert.match(
        err,
        /names no models\. Write a settings file .* pass --models alerce/,
      );
    }
    const { code, out } = await run("initdb", "--models", "alerce");
    assert.equal(code, 0);
    assert.match(out, /Database created/);
    // Commands that only run files need no models.
    for (const command of ["status", "migrate", "history"]) {
      assert.equal((await run(command)).code, 0, command);
    }
    assert.equal((await run("check", "--models", "alerce")).code, 0);
    assert.match(
      (await run("check", "--models", "atlas")).err,
      /--models must be alerce\. Example: --models alerce/,
    );
  } finally {
    await Deno.remove(cwd, { recursive: true });
    await drop();
  }
});
