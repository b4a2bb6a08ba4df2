// How the command line finds its settings, and what settings can import.
import assert from "node:assert/strict";
import { join } from "node:path";
import { dbp, dbpProcess, settingsFile } from "../support/cli.ts";
import { onServer } from "../support/cli_server.ts";
import { freshSchema, postgresSettings } from "../support/engines.ts";

/** A test that leaves timers of its connections running. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn });
}

test("settings are given as file or folder, in both spellings of the option, or found in the current folder", async () => {
  await using server = await onServer();
  const { path } = server;
  const folder = join(path, "..");
  const out = `Nothing to drop (credentials from ${path})\n`;
  for (
    const option of [
      ["--settings_path", path],
      ["--settings-path", folder],
      [`--settings_path=${folder}/`],
    ]
  ) {
    assert.deepEqual(await dbp("dropdb", "--yes", ...option), {
      code: 0,
      out,
      err: "",
    });
  }
  assert.deepEqual(await dbpProcess(["dropdb", "--yes"], { cwd: folder }), {
    code: 0,
    out,
    err: "",
  });
});

test("--db selects the entry, and the error for a misspelled entry names the nearest", async () => {
  const ARCHIVE = { ...postgresSettings(), SCHEMA: freshSchema() };
  await using file = await settingsFile({
    DB_CONFIG: { SQL: { ENGINE: "postgresql" }, ARCHIVE },
  });
  const run = (key: string) =>
    dbp("dropdb", "--yes", "--settings_path", file.path, "--db", key);
  assert.match((await run("ARCHIVE")).out, /^Nothing to drop/);
  assert.deepEqual(await run("ARCHVE"), {
    code: 1,
    out: "",
    err:
      `dbp: Invalid settings file ${file.path}: ARCHVE is not an entry of DB_CONFIG; the entries are SQL, ARCHIVE; did you mean ARCHIVE?\n`,
  });
});

test("a command that a message names repeats the options in use", async () => {
  const ARCHIVE = { ...postgresSettings(), SCHEMA: freshSchema() };
  await using file = await settingsFile({
    DB_CONFIG: { SQL: { ENGINE: "postgresql" }, ARCHIVE },
  });
  const missing = join(file.folder, "none here");
  const options = [
    ...["--settings_path", file.path, "--db", "ARCHIVE"],
    ...["--migrations", missing],
  ];
  assert.ok(
    (await dbp("status", ...options)).err.includes(
      `\`dbp initdb --settings_path ${file.path} --db ARCHIVE --migrations '${missing}'\` creates it`,
    ),
  );
});

test("without a settings file, the URL of the environment is used; without both, the error says what to do", async () => {
  const { PASSWORD, PORT, USER, HOST } = postgresSettings();
  await using empty = await settingsFile("");
  await Deno.remove(empty.path);
  const { folder } = empty;
  const url = `postgresql://${USER}:${PASSWORD}@${HOST}:${PORT}/postgres`;
  const env = { DATABASE_URL: url };
  const refused = await dbpProcess(["dropdb"], { cwd: folder, env });
  assert.equal(refused.code, 1);
  assert.equal(
    refused.err,
    "dbp: Cannot run dropdb: the database comes from the environment, which names no models. Write a settings file with DB_CONFIG and MODELS, or pass --models alerce for the 17 tables of ALeRCE\n",
  );
  const found = await dbpProcess(["dropdb", "--models", "alerce"], {
    cwd: folder,
    env,
  });
  assert.equal(found.code, 7);
  assert.match(
    found.err,
    new RegExp(
      `from postgresql at ${HOST}:${PORT}, database postgres \\(settings: the environment\\)`,
    ),
  );
  assert.deepEqual(
    await dbpProcess(["initdb"], { cwd: folder, env: { DATABASE_URL: "" } }),
    {
      code: 1,
      out: "",
      err:
        `dbp: Settings file not found: ${folder} has no settings.ts. Give the file or its folder with --settings_path, or set DATABASE_URL\n`,
    },
  );
  const nowhere = join(folder, "nowhere");
  assert.deepEqual(await dbp("initdb", "--settings_path", nowhere), {
    code: 1,
    out: "",
    err:
      `dbp: Settings file not found: ${nowhere} does not exist. Give the file or its folder with --settings_path\n`,
  });
});

test("settings in any folder can import the library", async () => {
  const { PASSWORD, ...rest } = postgresSettings();
  const entry = { ...rest, SCHEMA: freshSchema() };
  await using file = await settingsFile(`
    import { Star } from "@alerce/db-plugins/testing";
    import type { DbConfig } from "@alerce/db-plugins";
    const password = Deno.env.get("PGPASSWORD");
    export const DB_CONFIG: DbConfig = { SQL: { ...${
    JSON.stringify(entry)
  }, PASSWORD: password } };
    export const MODELS = [Star];`);
  const env = { PGPASSWORD: String(PASSWORD) };
  const run = (...args: readonly string[]) =>
    dbpProcess([...args, "--settings_path", file.path], { env });
  const { code, out, err } = await run("initdb");
  assert.equal(code, 0, err);
  assert.ok(
    out.endsWith(`Database created with credentials from ${file.path}\n`),
    out,
  );
  assert.deepEqual(await run("dropdb", "--yes"), {
    code: 0,
    out:
      `Dropped 2 tables with credentials from ${file.path}: star, dbp_migrations\n`,
    err: "",
  });
});

test("the error for a missing Deno permission names the permission", async () => {
  await using file = await settingsFile({ DB_CONFIG: { SQL: {} } });
  const cli = new URL("../../cli.ts", import.meta.url).href;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-env", cli, "initdb"],
    cwd: file.folder,
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(code, 1);
  assert.match(
    new TextDecoder().decode(stderr),
    /^dbp: Requires read access to .*, run again with the --allow-read flag\n$/,
  );
});

test("an empty path, as from an unset shell variable, is an error", async () => {
  assert.deepEqual(await dbp("dropdb", "--yes", "--settings_path="), {
    code: 1,
    out: "",
    err: "dbp: Settings file not found: the path is empty\n",
  });
});
