// Names and texts from outside reach no terminal as they are: escape sequences, line breaks and marks of direction are escaped.
import assert from "node:assert/strict";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import pg from "pg";
import { dbp, type Ran } from "../support/cli.ts";
import {
  clientConfig,
  freshSchema,
  mongoSettings,
  postgresSettings,
} from "../support/engines.ts";
import { soon } from "../support/migrations_folder.ts";
import { withoutMongo } from "../support/mongo_server.ts";
import { ROUNDS } from "../support/rounds.ts";
import { type Act, dbpAtTerminal, terminals } from "../support/terminal.ts";

/** The end of every name: the title of a terminal, a bell, a forged line, and text from right to left. */
const HOSTILE = "\x1b]0;t\x07\r\nFORGED \u202e\u2028";
const name = (text: string): string => `${text}${HOSTILE}`;
const quoted = (text: string): string =>
  `"${name(text).replaceAll('"', '""')}"`;

/** What no output contains, except for its own line breaks. */
const CONTROL = /(?!\n)[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

/** @param isFile whether the text contains a file, whose strings may have line breaks of their own */
function assertClean(text: string, what: string, isFile = false): void {
  const at = text.search(CONTROL);
  const near = JSON.stringify(text.slice(Math.max(0, at - 80), at + 20));
  assert.equal(at, -1, `${what}: ${near}`);
  if (!isFile) assert.doesNotMatch(text, /^\W*FORGED/m, what);
}

/** The commands on a database that differs from its models, each with what its output must name. */
const LINES: readonly (readonly [string, RegExp?])[] = [
  ["status"],
  ["dropdb", /Drop all tables/],
  ["migrate"],
  ["initdb", /contains \d tables?/],
  ["initdb --yes", /do not match|differ/],
  ["drift", /FORGED/],
  ["make_migrations --dry-run", /FORGED/],
  [
    "make_migrations --skip-refused --name first --drop DROP --dry-run",
    /FORGED/,
  ],
  ["make_migrations --skip-refused --name first --drop DROP"],
  ["sql"],
  ["migrate --dry-run --yes"],
  ["migrate --yes"],
  ["status", /FORGED/],
  ["history", /FORGED/],
  ["check", /FORGED/],
  ["drift", /FORGED/],
  ["stamp --dry-run"],
  ["rollback --dry-run"],
  ["rollback"],
  ["rollback --yes"],
  ["history"],
  ["make_migrations --rename star.a=FORGED\x1b[2J"],
  ["status --db \x1b[2J\nFORGED"],
  ["stat\x1b[2J"],
  ["migrate --to \x1b[2J\nFORGED"],
  ["dropdb --yes"],
];

/** A database full of hostile names, with a settings file in a folder of such a name. */
interface Hostile extends AsyncDisposable {
  readonly path: string;
  /** The column or field that migrations drop. */
  readonly dropped: string;
  /** Whether the walk also reads the JSON of every command. */
  readonly hasJson?: boolean;
  /** Changes the history, if there is one. */
  spoil(): Promise<void>;
  /** Writes a migration that fails with a hostile message. */
  fail(): Promise<void>;
}

async function walk(place: Hostile): Promise<void> {
  const { path, dropped } = place;
  for (const [line, expected] of LINES) {
    const words = line.split(" ").map((word) =>
      word === "DROP" ? dropped : word
    );
    const ran = await dbp(...words, "--settings_path", path);
    // SQL for other programs is exact; at a terminal it is not.
    if (words[0] !== "sql") {
      assertClean(ran.out, line, line.includes("--dry-run"));
    }
    // Sketches are files, too.
    assertClean(ran.err, line, line.startsWith("make_migrations"));
    const [head = ""] = ran.err.split("\n");
    if (head.startsWith("dbp: Not generated")) {
      assert.match(head, /from this:$/);
    }
    if (expected !== undefined) assert.match(ran.out + ran.err, expected, line);
    if (place.hasJson === true) {
      assertJson(await dbp(...words, "--json", "--settings_path", path), line);
    }
    if (line === "migrate --yes") await place.spoil();
  }
  await place.fail();
  for (
    const line of ["migrate --yes", "status", "history", "check", "misnamed"]
  ) {
    if (line === "misnamed") {
      const folder = join(path, "..", "migrations");
      const [engine] = await Array.fromAsync(Deno.readDir(folder));
      await Deno.writeTextFile(
        join(folder, engine?.name ?? "", `${name("file")}.up.sql`),
        "",
      );
    }
    const { out, err } = await dbp(
      ...(line === "misnamed" ? "migrate --yes" : line).split(" "),
      ...["--settings_path", path],
    );
    assertClean(out + err, line);
    if (line === "migrate --yes") assert.match(err, /step 1 of \d/);
    assert.match(out + err, /FORGED/, line);
  }
}

/** JSON escapes control characters itself, and is one line. */
function assertJson({ out }: Ran, line: string): void {
  if (out === "") return;
  assert.equal(out.split("\n").length, 2, `${line}: ${out}`);
  assert.equal(typeof JSON.parse(out), "object", line);
}

async function folderWith(
  settings: string,
): Promise<{ readonly root: string; readonly path: string }> {
  const root = await Deno.makeTempDir({ prefix: "dbp-hostile-" });
  const folder = join(root, name("f"));
  await Deno.mkdir(folder);
  const path = join(folder, "settings.ts");
  await Deno.writeTextFile(path, settings);
  return { root, path };
}

const settingsText = (entry: object): string =>
  `import { defineModel } from "@alerce/db-plugins";
import { z } from "zod";
export const DB_CONFIG = ${JSON.stringify(entry)};
export const MODELS = [defineModel("star", {
  fields: z.object({ id: z.int32(), kind: z.string().nullable(), mag: z.float64().nullable(), num: z.int32().nullable() }),
  primaryKey: ["id"],
})];
`;

const SCHEMA_SQL = `
create table star (id integer primary key, kind varchar collate "C", mag double precision, num text, ${
  quoted("c")
} text default ${quoted("d").replaceAll('"', "'")});
comment on column star.kind is ${quoted("comment").replaceAll('"', "'")};
alter table star add constraint ${quoted("check")} check (mag > 0);
create index ${quoted("index")} on star (mag);
create type ${quoted("enum")} as enum (${quoted("value").replaceAll('"', "'")});
create table ${quoted("table")} (id integer primary key, ${quoted("column")} ${
  quoted("enum")
});
create view ${quoted("view")} as select num from star;
`;
const SPOIL_SQL = `update dbp_migrations set db_user = '${
  name("user")
}', host = '${name("host")}'`;

async function failingFile(path: string, text: string): Promise<void> {
  const folder = join(path, "..", "migrations");
  const [engine] = await Array.fromAsync(Deno.readDir(folder));
  const end = text.startsWith("[") ? "json" : "sql";
  const at = join(folder, engine?.name ?? "");
  await Deno.writeTextFile(join(at, `${soon("fails", 300)}.up.${end}`), text);
}

const FAILING_SQL = `comment on table ${quoted("table")} is null;
do $$ begin raise exception '%', E'${
  name("message").replaceAll(/[\r\n]/g, (sign) => sign === "\r" ? "\\r" : "\\n")
}'; end $$;\n`;

async function postgresPlace(): Promise<Hostile> {
  const server = postgresSettings();
  const admin = new pg.Client(clientConfig(server));
  await admin.connect();
  const database = name(freshSchema());
  const role = name(`${freshSchema()}r`);
  const inQuotes = (text: string): string => `"${text}"`;
  await admin.query(
    `create role ${inQuotes(role)} superuser login password 'x'`,
  );
  await admin.query(
    `create database ${inQuotes(database)} template template0`,
  );
  const settings = { ...server, DB_NAME: database, USER: role, PASSWORD: "x" };
  const client = new pg.Client(clientConfig(settings));
  await client.connect();
  await client.query(SCHEMA_SQL);
  const { root, path } = await folderWith(settingsText({ SQL: settings }));
  return {
    path,
    dropped: `star.${name("c")}`,
    hasJson: true,
    spoil: async () => void await client.query(SPOIL_SQL),
    fail: () => failingFile(path, FAILING_SQL),
    async [Symbol.asyncDispose]() {
      await client.end();
      await admin.query(`drop database ${inQuotes(database)} with (force)`);
      await admin.query(`drop role ${inQuotes(role)}`);
      await admin.end();
      await Deno.remove(root, { recursive: true });
    },
  };
}

async function pglitePlace(): Promise<Hostile> {
  const { root, path } = await folderWith("");
  const data = join(path, "..", name("data"));
  await Deno.writeTextFile(
    path,
    settingsText({ SQL: { ENGINE: "pglite", DB_NAME: data } }),
  );
  const open = async (text: string): Promise<void> => {
    const { PGlite } = await import("@electric-sql/pglite");
    const database = await PGlite.create(data);
    await database.exec(text);
    await database.close();
  };
  await open(SCHEMA_SQL);
  return {
    path,
    dropped: `star.${name("c")}`,
    spoil: () => open(SPOIL_SQL),
    fail: () => failingFile(path, FAILING_SQL),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

async function mongoPlace(): Promise<Hostile> {
  const { URL, DATABASE } = mongoSettings();
  const { root, path } = await folderWith(
    settingsText({ MONGO: { URL, DATABASE } }),
  );
  const client = await MongoClient.connect(URL);
  const db = client.db(DATABASE);
  await db.createCollection(name("collection"));
  await db.createCollection("star", {
    validator: {
      $jsonSchema: { properties: { [name("c")]: { bsonType: "string" } } },
    },
  });
  await db.collection("star").createIndex(
    { [name("c")]: 1 },
    { name: name("index") },
  );
  return {
    path,
    dropped: `star.${name("c")}`,
    spoil: async () =>
      void await db.collection("dbp_migrations").updateMany({}, {
        $set: { user: name("user"), host: name("host") },
      }),
    fail: () =>
      failingFile(
        path,
        JSON.stringify([{
          createIndexes: "star",
          indexes: [{ key: { [name("k")]: "what" }, name: name("n") }],
        }]),
      ),
    async [Symbol.asyncDispose]() {
      await db.dropDatabase();
      await client.close();
      await Deno.remove(root, { recursive: true });
    },
  };
}

for (
  const [engine, open, ignore] of [
    ["PostgreSQL", postgresPlace, false],
    // It shares the code of PostgreSQL, but each command starts it again.
    ...ROUNDS > 1 ? [["PGlite", pglitePlace, false] as const] : [],
    ["MongoDB", mongoPlace, withoutMongo],
  ] as const
) {
  Deno.test({
    name: `every command escapes the names in a hostile database: ${engine}`,
    ignore,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using place = await open();
      await walk(place);
    },
  });
}

Deno.test({
  name:
    "a terminal gets the sequences of the prompt and of the progress only, with and without colours",
  ignore: !terminals,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using place = await postgresPlace();
    const at = ["--settings_path", place.path];
    const folder = join(place.path, "..", "migrations", "sql");
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(
      join(folder, "20200101T000000_first.up.sql"),
      `select '${name("x").replaceAll(/\s/g, " ")}';\n`,
    );
    const refused: readonly Act[] = [
      ["manage the tables", ({ type }) => type("n")],
    ];
    const shown = [
      await dbpAtTerminal(["migrate", ...at], refused, { NO_COLOR: "" }),
      await dbpAtTerminal(["migrate", ...at], refused, { NO_COLOR: "1" }),
      await dbpAtTerminal(["sql", ...at]),
      await dbpAtTerminal(["migrate", "--yes", ...at]),
    ].join("");
    assert.match(shown, /FORGED/);
    // Colours, and moves of the cursor.
    const text = shown.replaceAll(/\p{Cc}\[[?\d;]*[A-Za-z]|\r/gu, "");
    assertClean(text, "the terminal");
  },
});
