// `dbp initdb`: its effect on a database, its output and its exit codes.
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import { join } from "node:path";
import { dbp, dbpProcess, settingsFile } from "../support/cli.ts";
import { onServer } from "../support/cli_server.ts";
import { freshSchema } from "../support/engines.ts";

/** A test that leaves timers of its connections running. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn });
}

/** The report of a run without migrations. */
const NO_MIGRATION = { files: [], applied: [], recorded: [], pending: [] };
const TABLES = ALERCE_MODELS.map(({ table }) => table);

test("initdb creates the tables and names its settings; the second time it finds them", async () => {
  await using server = await onServer();
  const { path, schema } = server;
  const first = await dbp("initdb", "--settings_path", path);
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, new RegExp(`${createdLines(path)}$`));
  assert.deepEqual(
    await server.sql(
      `select relname as table from pg_class where relkind in ('r', 'p') and not relispartition
       and relnamespace = to_regnamespace('${schema}') order by relname collate "C"`,
    ),
    [...TABLES, "dbp_migrations"].sort().map((table) => ({ table })),
  );
  const before = await server.state();
  assert.deepEqual(await dbp("initdb", "--settings_path", path), {
    code: 0,
    out:
      `Nothing to do: all tables exist and match the models (credentials from ${path})\n`,
    err: "",
  });
  const json = await dbp("initdb", "--settings_path", path, "--json");
  assert.deepEqual(JSON.parse(json.out), {
    path,
    databaseCreated: false,
    created: [],
    present: TABLES.toSorted(),
    ...NO_MIGRATION,
  });
  assert.deepEqual(await server.state(), before);
});

/** The output of initdb if it starts a history, as a regular expression. */
function createdLines(path: string): string {
  const file = String.raw`Wrote \S+/sql/\d{8}T\d{6}_baseline`;
  return `^${file}.up.sql\n${file}.down.sql\nApplied \\d{8}T\\d{6}_baseline\nDatabase created with credentials from ${path}\n`;
}

test("initdb creates missing tables and keeps existing ones", async () => {
  await using server = await onServer();
  await dbp("initdb", "--settings_path", server.path);
  await server.sql("drop table xmatch, pipeline");
  assert.deepEqual(await dbp("initdb", "--settings_path", server.path), {
    code: 0,
    out: `Kept 15 existing tables; created xmatch, pipeline\n` +
      `Database created with credentials from ${server.path}\n`,
    err: "",
  });
});

test("initdb names every difference between tables and models, and changes nothing", async () => {
  await using server = await onServer();
  await dbp("initdb", "--settings_path", server.path);
  await server.sql("drop table pipeline");
  await server.sql("alter table magstat alter column ndet type bigint");
  await server.sql("alter table detection drop column rb");
  await server.sql("alter table object add column note text");
  await server.sql("alter table probability drop constraint probability_pkey");
  const before = await server.state();
  const differences = [
    "the column detection.rb (double precision) is missing",
    "the type of magstat.ndet is bigint, the model has integer",
    "the column object.note (text) is not in the models",
    "the constraint probability_pkey on probability PRIMARY KEY (oid, class_name, classifier_name, classifier_version) is missing",
  ];
  const message = `The tables do not match the models:\n  ${
    differences.join("\n  ")
  }\nCorrect the models, or change the tables`;
  assert.deepEqual(await dbp("initdb", "--settings_path", server.path), {
    code: 5,
    out: "",
    err: `dbp: ${message}\n`,
  });
  const json = await dbpProcess([
    "initdb",
    "--json",
    "--settings-path",
    server.path,
  ]);
  assert.deepEqual([json.code, json.err, JSON.parse(json.out)], [5, "", {
    error: { name: "SchemaError", message, differences },
  }]);
  assert.deepEqual(await server.state(), before);
});

test("two concurrent runs of initdb on one server both succeed", async () => {
  await using server = await onServer();
  const args = ["initdb", "--settings_path", server.path];
  const runs = await Promise.all([dbpProcess(args), dbpProcess(args)]);
  assert.deepEqual(runs.map(({ code }) => code), [0, 0], Deno.inspect(runs));
  const lines = runs.map(({ out }) => out.trimEnd().split("\n").at(-1) ?? "");
  assert.deepEqual(lines.map((line) => line.split(" ")[0]).sort(), [
    "Database",
    "Nothing",
  ]);
});

test("the error for a missing database names --create-database, which creates it", async () => {
  const name = freshSchema();
  await using server = await onServer({ DB_NAME: name });
  const args = ["initdb", "--settings_path", server.path];
  const missing = await dbp(...args);
  assert.equal(missing.code, 1);
  assert.match(
    missing.err,
    new RegExp(
      `^dbp: Cannot connect to PostgreSQL at 127\\.0\\.0\\.1:\\d+, database ${name}: .* \`dbp initdb --create-database --settings_path ${server.path}( --migrations \\S+)?\` creates it\n$`,
    ),
  );
  try {
    const runs = await Promise.all([
      dbp(...args, "--create-database", "--json"),
      dbp(...args, "--create-database", "--json"),
    ]);
    const made = runs.map(({ out }) => JSON.parse(out).databaseCreated);
    assert.deepEqual(made.sort(), [false, true]);
    const again = await dbp(...args, "--create-database");
    assert.equal(again.code, 0);
    assert.match(again.out, /^Nothing to do/);
  } finally {
    await server.sql(`drop database if exists "${name}" with (force)`);
  }
});

test("the same commands create, find and drop an embedded database", async () => {
  await using file = await settingsFile({});
  const { path, folder } = file;
  const DB_NAME = join(folder, "data", "alerce");
  await Deno.writeTextFile(
    path,
    JSON.stringify({ DB_CONFIG: { SQL: { ENGINE: "pglite", DB_NAME } } }),
  );
  const run = (...args: readonly string[]) =>
    dbp(...args, "--settings_path", folder);
  const first = await run("initdb", "--create-database");
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, new RegExp(`${createdLines(path)}$`));
  assert.match((await run("initdb")).out, /^Nothing to do/);
  assert.match((await run("dropdb", "--yes")).out, /^Dropped 18 tables/);
});
