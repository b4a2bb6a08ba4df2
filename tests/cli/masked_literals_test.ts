// A text that the reports leave out of a statement is also left out of the server's messages about it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { dbp, settingsFile } from "../support/cli.ts";
import {
  embeddedProject,
  type Project,
  type ServerProject,
  serverProject,
} from "../support/cli_project.ts";
import { mongoSettings } from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";

const SECRET = "PLANTED";

/** Statements that fail with a message that would repeat the secret, and what the message says all the same. */
const STATEMENTS: readonly (readonly [string, RegExp])[] = [
  ["select cast('PLANTED' as int)", /invalid input syntax for type integer/],
  [
    "alter role postgres password 'PLANTED' valid until 'PLANTED-2'",
    /invalid input syntax for type timestamp with time zone: "…"/,
  ],
  [
    "-- dbp:step tx=none\ncreate subscription s connection 'host=127.0.0.1 PLANTED' publication p with (connect = false)",
    /invalid connection string syntax: missing "=" after "…"/,
  ],
  [
    "do $$ begin execute 'alter role nobody password ''PLANTED'' ''PLANTED'''; end $$",
    /syntax error at or near "'…'"/,
  ],
  [
    "do $$ begin execute 'alter role nobody password ''PLANTED'; end $$",
    /unterminated quoted string at or near "…"/,
  ],
  ["alter role nobody password 'a' 'PLANTED'", /syntax error at or near "'…'"/],
  [
    "do $$ declare a text := 'PLANTED'; begin raise warning 'first %', a; raise exception 'the value % is wrong', a; end $$",
    /the value … is wrong/,
  ],
  [
    "create table t (a text primary key, b int); insert into t values ('PLANTED', 1), ('PLANTED', 2)",
    /A row with the same a already exists/,
  ],
  [
    "select cast('{\"a\": PLANTED}' as jsonb)",
    /invalid input syntax for type json/,
  ],
  [
    "create user mapping for current_user server nowhere options (password 'PLANTED')",
    /server "nowhere" does not exist/,
  ],
  ["select E'PLA\\x4eTED'::regclass", /relation "…" does not exist/],
];

type Opened = Project & Partial<Pick<ServerProject, "sql">>;

const REPORTS = [
  "migrate --json",
  "status",
  "status --json",
  "history",
  "history --json",
  "check",
  "check --json",
];

for (
  const [engine, open, statements] of [
    ["PostgreSQL", serverProject, STATEMENTS],
    ["PGlite", embeddedProject, STATEMENTS.slice(0, 2)],
  ] as const
) {
  Deno.test({
    name: `no report of a failed statement repeats a literal: ${engine}`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using project: Opened = await open({ one: "" });
      const name = "20200101T000000_secret";
      await project.write(
        `${name}.down.sql`,
        "-- dbp:irreversible this is a test\n",
      );
      for (const [statement, reason] of statements) {
        await project.write(`${name}.up.sql`, `${statement};\n`);
        const { err } = await project.dbp("one", "migrate");
        assert.match(err, reason, err);
        assert.ok(!err.toUpperCase().includes(SECRET), err);
      }
      for (const line of REPORTS) {
        const { out, err } = await project.dbp("one", line);
        assert.match(out + err, /relation|timestamp/, line);
        assert.ok(!`${out}${err}`.toUpperCase().includes(SECRET), out + err);
      }
      if (project.sql !== undefined) {
        const rows = await project.sql("select * from dbp_migrations");
        assert.match(JSON.stringify(rows), /does not exist/);
        assert.ok(
          !JSON.stringify(rows).toUpperCase().includes(SECRET),
          JSON.stringify(rows),
        );
      }
    },
  });
}

Deno.test({
  name: "no report of a failed command repeats its values: MongoDB",
  ignore: withoutMongo,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const { URL, DATABASE } = mongoSettings();
    await using file = await settingsFile({
      DB_CONFIG: { MONGO: { URL, DATABASE } },
    });
    await Deno.writeTextFile(
      join(file.folder, "settings.ts"),
      `export const DB_CONFIG = ${JSON.stringify({ MONGO: { URL, DATABASE } })};
export const MODELS = [];`,
    );
    const folder = join(file.folder, "migrations", "mongo");
    await Deno.mkdir(folder, { recursive: true });
    const run = async (line: string) => {
      const { out, err } = await dbp(
        ...line.split(" "),
        ...["--settings_path", join(file.folder, "settings.ts")],
      );
      assert.ok(!`${out}${err}`.toUpperCase().includes(SECRET), out + err);
      return out + err;
    };
    const client = await MongoClient.connect(URL);
    try {
      await client.db(DATABASE).collection("star").insertOne({ a: "x" });
      const values = (value: object): object => ({
        update: "star",
        updates: [{ q: {}, u: [{ $set: { a: value } }], multi: true }],
      });
      for (
        const [command, reason] of [
          [values({ $toInt: "PLANTED" }), /Failed to parse number '…'/],
          [values({ $toDate: "PLANTED" }), /parsing date string '…'/],
        ] as const
      ) {
        await Deno.writeTextFile(
          join(folder, "20200101T000000_secret.up.json"),
          JSON.stringify([{ dbp: "step repeat" }, command]),
        );
        assert.match(await run("migrate --yes"), reason);
      }
      for (const line of REPORTS) {
        assert.match(await run(line), /parsing date string/, line);
      }
      const rows = await client.db(DATABASE).collection("dbp_migrations").find()
        .toArray();
      assert.match(JSON.stringify(rows), /parsing date string/);
      assert.ok(
        !JSON.stringify(rows.map(({ error }) => error)).toUpperCase().includes(
          SECRET,
        ),
      );
    } finally {
      await client.db(DATABASE).dropDatabase();
      await client.close();
    }
  },
});
