// The privileges in docs/operations.md are enough, and each of them is necessary.
import {
  type AnyModel,
  type Connection,
  defineModel,
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
import { MongoClient } from "mongodb";
import { z } from "zod";
import { postgresSettings } from "../support/engines.ts";
import { startMongo, withoutMongo } from "../support/mongo_server.ts";
import { createDatabase, run } from "./database.ts";
import { blocksOf, readPage, sectionOf } from "./pages.ts";

const PAGE = await readPage("docs/operations.md");
const MODELS = [Star, Sighting];
const ROWS = [{ id: 1n, name: "Vega" }, { id: 2n, name: "Deneb" }];

type Role = "migrator" | "writer" | "reader";
type Db = SQLConnection<typeof MODELS>;

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

/** A database whose roles have the privileges of the page. */
interface Granted extends AsyncDisposable {
  readonly directory: string;
  /** A privilege of each `GRANT`, with what it is on, as the page writes it. */
  readonly grants: readonly Grant[];
  /** Connects as a role. */
  open(role: Role): Promise<Db>;
  /** Runs a statement as the administrator. */
  run(statement: string): Promise<void>;
}

interface Grant {
  readonly role: Role;
  readonly privilege: string;
  readonly object: string;
}

async function granted(): Promise<Granted> {
  const database = await createDatabase("create schema alerce");
  const names: Readonly<Record<string, string>> = {
    ztf: database,
    migrator: `m_${database}`,
    writer: `w_${database}`,
    reader: `r_${database}`,
  };
  const { ztf: _, ...roles } = names;
  const named = (text: string): string =>
    text.replaceAll(
      /\b(ztf|migrator|writer|reader)\b/g,
      (name) => names[name] ?? name,
    );
  const [{ text = "" } = {}] = blocksOf(PAGE).filter(({ info }) =>
    info === "sql"
  );
  await run(database, [
    `revoke all on database ${database} from public`,
    ...Object.values(roles).map((role) =>
      `create role ${role} login password 'x'`
    ),
    named(text),
  ]);
  const directory = await Deno.makeTempDir({ prefix: "dbp-privileges-" });
  return {
    directory,
    grants: [...text.matchAll(/GRANT ([A-Z, ]+) ON (.+) TO (\w+);/g)].flatMap(
      ([, privileges = "", object = "", role = ""]) =>
        privileges.split(", ").map((privilege) => ({
          role: role as Role,
          privilege,
          object: object === "TABLES" ? "ALL TABLES IN SCHEMA alerce" : object,
        })),
    ),
    async open(role) {
      const db = new SQLConnection({ models: MODELS });
      await db.connect({
        ...postgresSettings(),
        ...{ USER: names[role], PASSWORD: "x", DB_NAME: database },
        SCHEMA: "alerce",
      });
      return db;
    },
    run: (statement) => run(database, [named(statement)]),
    async [Symbol.asyncDispose]() {
      await Deno.remove(directory, { recursive: true });
      await run("postgres", [
        `drop database ${database} with (force)`,
        ...Object.values(roles).map((role) => `drop role if exists ${role}`),
      ]);
    },
  };
}

Deno.test("PostgreSQL: the listed privileges are enough", async () => {
  await using place = await granted();
  const { directory, open } = place;
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
    await assertMigrated(db, { directory });
  }
  await using db = await open("reader");
  assert.equal((await db.query(Star).findAll()).length, 2);
  assert.equal((await status(db, { directory })).exitCode, 0);
  assert.equal((await history(db)).length > 0, true);
  await printSql(db, { directory });
  assert.equal((await check(db, { directory })).exitCode, 0);
  assert.equal((await drift(db, { directory })).exitCode, 0);
  await assertMigrated(db, { directory });
});

/** Work of each role that requires a privilege; undefined for the connection itself. */
const WORK: Readonly<
  Record<
    Role,
    Readonly<
      Record<string, ((db: Db, directory: string) => Promise<unknown>) | null>
    >
  >
> = {
  migrator: {
    CONNECT: null,
    TEMPORARY: (db, directory) => makeMigrations(db, { directory }),
    USAGE: (db, directory) => status(db, { directory }),
    CREATE: (db, directory) =>
      rollback(db, { directory }).then(() => migrate(db, { directory })),
  },
  writer: {
    CONNECT: null,
    TEMPORARY: (db, directory) => assertMigrated(db, { directory }),
    USAGE: (db) => db.query(Star).bulkInsert(ROWS),
    SELECT: (db) => db.query(Star).getOrCreate({ filterBy: { id: 1n } }),
    INSERT: (db) => db.query(Star).bulkInsert(ROWS),
    UPDATE: (db) => db.query(Star).bulkUpsert(ROWS),
    DELETE: (db) => db.query(Star).deleteAll({ filterBy: { id: 1n } }),
  },
  reader: {
    CONNECT: null,
    TEMPORARY: (db, directory) => check(db, { directory }),
    USAGE: (db) => db.query(Star).findAll(),
    SELECT: (db, directory) => status(db, { directory }),
  },
};

Deno.test("PostgreSQL: each listed privilege is necessary, and the error without it names it", async () => {
  await using place = await granted();
  const { directory, open, grants } = place;
  {
    await using db = await open("migrator");
    await makeMigrations(db, { directory });
    await migrate(db, { directory });
  }
  for (const { role, privilege, object } of grants) {
    const name = `${role}: ${privilege} ON ${object}`;
    const work = WORK[role][privilege];
    assert.ok(work !== undefined, `${name} is necessary for something`);
    await place.run(`REVOKE ${privilege} ON ${object} FROM ${role}`);
    await assert.rejects(
      async () => {
        await using db = await open(role);
        await work?.(db, directory);
      },
      new RegExp(`GRANT ${privilege}\\b.* TO `),
      name,
    );
    await place.run(`GRANT ${privilege} ON ${object} TO ${role}`);
    if (role !== "migrator") continue;
    await using db = await open(role);
    await migrate(db, { directory });
  }
});

/** The roles that the page lists for a task on MongoDB. */
function rolesOf(task: string): string[] {
  const [, roles = ""] = new RegExp(`^\\| ${task}.*?\\| (.*?) *\\|$`, "m")
    .exec(sectionOf(PAGE, "Privileges on MongoDB")) ?? [];
  return [...roles.matchAll(/`(\w+)`/g)].map(([, role = ""]) => role);
}

const USERS: Readonly<Record<Role, readonly string[]>> = {
  reader: rolesOf("read;"),
  writer: rolesOf("read and write"),
  migrator: rolesOf("migrate"),
};

type Mongo = MongoConnection<readonly AnyModel[]>;

/** A model, and the same with one field more, which changes the rules of its collection. */
const NOTE = defineModel("note", {
  fields: z.object({ id: z.int64(), text: z.string() }),
  primaryKey: ["id"],
});
const LONGER_NOTE = defineModel("note", {
  fields: z.object({
    id: z.int64(),
    text: z.string(),
    author: z.string().nullable(),
  }),
  primaryKey: ["id"],
});

/** A role that a user has, and work that requires it. */
interface Need {
  readonly user: Role;
  readonly role: string;
  /** The lesser role that does not suffice. */
  readonly lesser?: string;
  readonly work: (db: Mongo, directory: string) => Promise<unknown>;
}

const NEEDS: readonly Need[] = [
  { user: "reader", role: "read", work: (db) => db.query(Star).findAll() },
  {
    user: "writer",
    role: "readWrite",
    lesser: "read",
    work: (db) => db.query(Star).bulkInsert(ROWS),
  },
  {
    user: "migrator",
    role: "readWrite",
    lesser: "read",
    work: (db, directory) => rollback(db, { directory }),
  },
  {
    user: "migrator",
    role: "dbAdmin",
    async work(db, directory) {
      await makeMigrations(db, { directory });
      await migrate(db, { directory });
    },
  },
];

Deno.test({
  name: "MongoDB: the listed roles are enough, and each is necessary",
  ignore: withoutMongo,
  fn: async () => {
    const server = await startMongo({ auth: true });
    const directory = await Deno.makeTempDir({ prefix: "dbp-roles-" });
    const open = async <Models extends readonly AnyModel[]>(
      user: Role,
      models: Models,
    ): Promise<MongoConnection<Models>> => {
      const db = new MongoConnection({ models });
      await db.connect({
        ...{ HOST: "127.0.0.1", PORT: server.port, REPLICA_SET: "testset" },
        ...{ USERNAME: user, PASSWORD: "x", DATABASE: "alerce" },
        AUTH_SOURCE: "alerce",
      });
      return db;
    };
    try {
      await using client = new MongoClient(server.url);
      const admin = client.db("alerce");
      for (const [createUser, roles] of Object.entries(USERS)) {
        assert.notDeepEqual(roles, [], createUser);
        await admin.command({ createUser, pwd: "x", roles });
      }
      {
        await using db = await open("migrator", [...MODELS, NOTE]);
        await makeMigrations(db, { directory });
        await migrate(db, { directory });
        await db.query(Star).bulkInsert([{ id: 9n, name: "Mira" }]);
        await rollback(db, { directory });
        await db.createDb();
        await db.dropDb();
        await migrate(db, { directory });
      }
      {
        await using db = await open("writer", MODELS);
        await db.query(Star).bulkInsert(ROWS, { onConflict: "error" });
        await db.query(Star).bulkUpsert(ROWS);
        await db.query(Star).deleteAll({ filterBy: { id: 2n } });
        await write(db);
      }
      {
        await using db = await open("reader", [...MODELS, NOTE]);
        assert.equal((await db.query(Star).findAll()).length, 1);
        assert.equal((await history(db)).length > 0, true);
        await printSql(db, { directory });
        assert.equal((await status(db, { directory })).exitCode, 0);
        assert.equal((await check(db, { directory })).exitCode, 0);
        assert.equal((await drift(db, { directory })).exitCode, 0);
      }
      const models = [...MODELS, LONGER_NOTE];
      for (const [user, roles] of Object.entries(USERS)) {
        for (const role of roles) {
          const name = `${user}: ${role}`;
          const need = NEEDS.find((need) =>
            need.user === user && need.role === role
          );
          assert.ok(need !== undefined, `${name} is necessary for something`);
          await admin.command({
            updateUser: user,
            roles: roles.map((other) => other === role ? need.lesser : other)
              .filter((other) => other !== undefined),
          });
          await assert.rejects(
            async () => {
              await using db = await open(need.user, models);
              await need.work(db, directory);
            },
            new RegExp(`such as "${role}" on alerce`),
            name,
          );
          await admin.command({ updateUser: user, roles });
        }
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
      await server.stop();
    }
  },
});
