// The permissions and privileges in docs/operations.md are enough.
import {
  type Connection,
  MongoConnection,
  SQLConnection,
} from "@alerce/db-plugins";
import {
  assertMigrated,
  check,
  drift,
  history,
  makeMigrations,
  migrate,
  printSql,
  rollback,
  stamp,
  status,
} from "@alerce/db-plugins/migrate";
import { Sighting, Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { postgresSettings } from "../support/engines.ts";
import { mongoUrl, startMongo, withoutMongo } from "../support/mongo_server.ts";
import { MongoClient } from "mongodb";
import { ROOT } from "../support/program.ts";
import { ROUNDS } from "../support/rounds.ts";
import { createDatabase, run } from "./database.ts";
import { blocksOf, readPage, sectionOf } from "./pages.ts";

const PAGE = await readPage("docs/operations.md");
const MODELS = [Star, Sighting];
const ROWS = [{ id: 1n, name: "Vega" }, { id: 2n, name: "Deneb" }];

/** The flags that the page lists for a database. */
function flagsOf(database: string): string[] {
  const [, flags = ""] = new RegExp(`^\\| ${database} +\\| \`(.*?)\``, "m")
    .exec(sectionOf(PAGE, "Permissions")) ?? [];
  assert.notEqual(flags, "", database);
  return flags.split(" ");
}

/** The flags that the page lists for a command. */
function flagsOfCommand(command: string): string[] {
  const [, flags = ""] =
    new RegExp(`^\\| .*\`${command}\`.*\\| +\`(.*?)\``, "m")
      .exec(sectionOf(PAGE, "Permissions")) ?? [];
  assert.notEqual(flags, "", command);
  return flags.split(" ");
}

/** Every command of `dbp`, in an order in which each has something to do. */
const EACH: readonly (readonly string[])[] = [
  ["initdb"],
  ["status"],
  ["history"],
  ["check"],
  ["drift"],
  ["rollback", "--yes", "--baseline"],
  ["sql"],
  ["migrate"],
  ["load", "star", "stars.csv"],
  ["export", "star", "all.csv"],
  ["make_migrations"],
  ["stamp", "--dry-run"],
  ["dropdb", "--yes"],
];
/** Commands that write files, schemas and history. */
const FEW: readonly (readonly string[])[] = ROUNDS > 1
  ? EACH
  : EACH.filter(([command = ""]) =>
    ["initdb", "rollback", "migrate"].includes(command)
  );

/** Runs `dbp` with exactly these permissions. */
async function dbpWith(
  flags: readonly string[],
  folder: string,
  args: readonly string[],
): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", `--config=${ROOT}deno.json`],
      ...flags,
      join(ROOT, "cli.ts"),
      ...args,
    ],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  assert.equal(code, 0, text.decode(stdout) + text.decode(stderr));
}

/** Writes in every way, and leaves nothing. */
async function write(db: Connection<typeof MODELS>): Promise<void> {
  const stars = db.query(Star);
  await stars.insert({ id: 7n, name: "Sirius" });
  await stars.updateAll({ filterBy: { id: 7n }, set: { mag: 1 } });
  await db.transaction((tx) => tx.query(Star).bulkUpdate([{ id: 7n, mag: 2 }]));
  for await (const star of stars.stream({ filterBy: { id: 7n } })) {
    stars.delete(star);
  }
  await db.session.commit();
}

const HOSTS: readonly [string, () => [settings: object, host: string]][] = [
  ["PostgreSQL", () => {
    const settings = postgresSettings();
    const { HOST, PORT } = settings;
    return [
      { SQL: { ...settings, SCHEMA: `docs_${Deno.pid}` } },
      `${HOST}:${PORT}`,
    ];
  }],
  ["MongoDB", () => {
    const url = new URL(mongoUrl());
    url.pathname = `/docs_${Deno.pid}`;
    return [{ MONGO: { URL: url.href } }, url.host];
  }],
  ["PGlite", () => [{ SQL: { ENGINE: "pglite", DB_NAME: "data" } }, ""]],
];

for (const [database, place] of HOSTS) {
  Deno.test({
    name: `${database}: the listed permissions are enough`,
    ignore: database === "MongoDB" && withoutMongo,
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "dbp-permissions-" });
      const [entries, host] = place();
      await Deno.writeTextFile(
        join(folder, "settings.ts"),
        `export const DB_CONFIG = ${JSON.stringify(entries)};
        export { SUITE_MODELS as MODELS } from "@alerce/db-plugins/testing";`,
      );
      const flags = flagsOf(database).map((flag) =>
        flag.replace("HOST:PORT", host).replace(/-write$/, "-write=.")
      );
      try {
        await Deno.writeTextFile(
          join(folder, "stars.csv"),
          "id,name\n1,Vega\n",
        );
        if (database === "PostgreSQL") {
          // The flag to write is necessary.
          const [, ...rest] = flagsOfCommand("initdb").toReversed();
          await assert.rejects(
            dbpWith([...flags, ...rest], folder, ["initdb"]),
            /allow-write/,
          );
        }
        for (const words of database === "PostgreSQL" ? EACH : FEW) {
          const [command = ""] = words;
          await dbpWith([...flags, ...flagsOfCommand(command)], folder, words);
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test("PostgreSQL: the listed privileges are enough", async () => {
  const database = await createDatabase("create schema alerce");
  const names: Readonly<Record<string, string>> = {
    ztf: database,
    migrator: `m_${database}`,
    writer: `w_${database}`,
    reader: `r_${database}`,
  };
  const { ztf: _, ...roles } = names;
  const [block] = blocksOf(PAGE).filter(({ info }) => info === "sql");
  const grants = (block?.text ?? "").replaceAll(
    /\b(ztf|migrator|writer|reader)\b/g,
    (name) => names[name] ?? name,
  );
  const directory = await Deno.makeTempDir({ prefix: "dbp-privileges-" });
  const open = async (role: string): Promise<SQLConnection<typeof MODELS>> => {
    const db = new SQLConnection({ models: MODELS });
    await db.connect({
      ...postgresSettings(),
      ...{ USER: names[role], PASSWORD: "x", DB_NAME: database },
      SCHEMA: "alerce",
    });
    return db;
  };
  try {
    await run(database, [
      `revoke all on database ${database} from public`,
      ...Object.values(roles).map((role) =>
        `create role ${role} login password 'x'`
      ),
      grants,
    ]);
    {
      await using db = await open("migrator");
      await makeMigrations(db, { directory });
      await migrate(db, { directory });
      await rollback(db, { directory });
      await migrate(db, { directory });
      assert.equal((await check(db, { directory })).exitCode, 0);
      await db.dropDb();
      await db.createDb();
      await stamp(db, { directory });
    }
    {
      await using db = await open("writer");
      await db.query(Star).bulkInsert(ROWS);
      await db.query(Star).bulkInsert(ROWS);
      await db.query(Star).bulkUpsert(ROWS);
      await db.query(Star).bulkUpdate([{ id: 1n, mag: 0 }]);
      await db.query(Star).getOrCreate({
        filterBy: { id: 3n },
        name: "Altair",
      });
      await db.query(Star).deleteAll({ filterBy: { id: 3n } });
      await write(db);
    }
    await using db = await open("reader");
    assert.equal((await db.query(Star).findAll()).length, 2);
    assert.equal((await status(db, { directory })).exitCode, 0);
    assert.equal((await history(db)).length > 0, true);
    await printSql(db, { directory });
    assert.equal((await check(db, { directory })).exitCode, 0);
    assert.equal((await drift(db, { directory })).exitCode, 0);
    await assertMigrated(db, { directory });
  } finally {
    await Deno.remove(directory, { recursive: true });
    await run("postgres", [
      `drop database ${database} with (force)`,
      ...Object.values(roles).map((role) => `drop role if exists ${role}`),
    ]);
  }
});

Deno.test({
  name: "MongoDB: the listed roles are enough",
  ignore: withoutMongo,
  fn: async () => {
    const server = await startMongo({ auth: true });
    const directory = await Deno.makeTempDir({ prefix: "dbp-roles-" });
    const rolesOf = (task: string): string[] => {
      const [, roles = ""] = new RegExp(`^\\| ${task}.*?\\| (.*?) *\\|$`, "m")
        .exec(sectionOf(PAGE, "Privileges on MongoDB")) ?? [];
      return [...roles.matchAll(/`(\w+)`/g)].map(([, role = ""]) => role);
    };
    const users: Readonly<Record<string, string[]>> = {
      reader: rolesOf("read;"),
      writer: rolesOf("read and write"),
      migrator: rolesOf("migrate"),
    };
    const open = async (
      user: string,
    ): Promise<MongoConnection<typeof MODELS>> => {
      const db = new MongoConnection({ models: MODELS });
      await db.connect({
        ...{ HOST: "127.0.0.1", PORT: server.port, REPLICA_SET: "testset" },
        ...{ USERNAME: user, PASSWORD: "x", DATABASE: "alerce" },
        AUTH_SOURCE: "alerce",
      });
      return db;
    };
    try {
      {
        await using client = new MongoClient(server.url);
        for (const [user, roles] of Object.entries(users)) {
          assert.notDeepEqual(roles, [], user);
          await client.db("alerce").command({
            createUser: user,
            pwd: "x",
            roles,
          });
        }
      }
      {
        await using db = await open("migrator");
        await makeMigrations(db, { directory });
        await migrate(db, { directory });
        await db.query(Star).bulkInsert([{ id: 9n, name: "Mira" }]);
        await rollback(db, { directory });
        await db.createDb();
        await db.dropDb();
        await migrate(db, { directory });
      }
      {
        await using db = await open("writer");
        await db.query(Star).bulkInsert(ROWS, { onConflict: "error" });
        await db.query(Star).bulkUpsert(ROWS);
        await db.query(Star).deleteAll({ filterBy: { id: 2n } });
        await write(db);
      }
      await using db = await open("reader");
      assert.equal((await db.query(Star).findAll()).length, 1);
      assert.equal((await history(db)).length > 0, true);
      await printSql(db, { directory });
      assert.equal((await status(db, { directory })).exitCode, 0);
      assert.equal((await check(db, { directory })).exitCode, 0);
      assert.equal((await drift(db, { directory })).exitCode, 0);
    } finally {
      await Deno.remove(directory, { recursive: true });
      await server.stop();
    }
  },
});

Deno.test("the page lists the permissions of every command", async () => {
  const page = await readPage("docs/commands.md");
  const commands = [...page.text.matchAll(/^\| \[`(\w+)`\]/gm)].map((
    [, name = ""],
  ) => name);
  assert.deepEqual(
    EACH.map(([name]) => name).sort(),
    commands.sort(),
    "a test runs each command",
  );
});

Deno.test("each guarantee names the tests that hold it", () => {
  const rows = sectionOf(PAGE, "Guarantees").split("\n").filter((line) =>
    line.startsWith("| ") && !line.startsWith("| ---")
  );
  const faults = rows.slice(
    1,
    rows.findIndex((row) => /^\| setting/.test(row)),
  );
  assert.ok(faults.length >= 8);
  for (const row of faults) assert.match(row, /`tests\/[\w/]+_test\.ts` +\|$/);
});
