// `dbp dropdb`: what it drops, when it asks, and what happens at an interruption.
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import { join } from "node:path";
import { dbp, dbpProcess, settingsFile } from "../support/cli.ts";
import { onServer } from "../support/cli_server.ts";
import { postgresSettings } from "../support/engines.ts";
import {
  dbpAtTerminal,
  type Terminal,
  terminals,
} from "../support/terminal.ts";

/** A test that leaves timers of its connections running. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn });
}

test("dropdb drops the tables and names them, and finds none the second time", async () => {
  await using server = await onServer();
  const { path, schema } = server;
  await dbp("initdb", "--settings_path", path);
  await server.sql("create table theirs ()");
  assert.deepEqual(await dbp("dropdb", "--yes", "--settings_path", path), {
    code: 0,
    out: `Dropped 18 tables with credentials from ${path}: ${
      ALERCE_MODELS.map(({ table }) => table).join(", ")
    }, dbp_migrations\n`,
    err: "",
  });
  assert.deepEqual(
    await server.sql(
      `select relname from pg_class where relnamespace = to_regnamespace('${schema}') and relkind in ('r', 'p')`,
    ),
    [{ relname: "theirs" }],
  );
  assert.deepEqual(await dbp("dropdb", "-y", "--settings_path", path), {
    code: 0,
    out: `Nothing to drop (credentials from ${path})\n`,
    err: "",
  });
});

test("dropdb without a terminal and without --yes drops nothing and exits with 7", async () => {
  await using server = await onServer();
  const { path, schema } = server;
  const { PORT } = postgresSettings();
  await dbp("initdb", "--settings_path", path);
  const before = await server.state();
  const question =
    `Drop all tables of the models, with all data, from postgresql at 127.0.0.1:${PORT}, database postgres, schema ${schema} (settings: ${path})?`;
  const message =
    `Cannot ask for confirmation without a terminal: ${question} Pass --yes to confirm`;
  assert.deepEqual(await dbpProcess(["dropdb", "--settings_path", path]), {
    code: 7,
    out: "",
    err: `dbp: ${message}\n`,
  });
  const json = await dbpProcess(["dropdb", "--json", "--settings_path", path]);
  assert.equal(json.code, 7);
  assert.deepEqual(JSON.parse(json.out), {
    error: { name: "DecisionError", message, options: ["--yes"] },
  });
  assert.deepEqual(await server.state(), before);
});

/** The answer no, and interruptions by key and by signal. */
const REFUSALS: Record<string, (terminal: Terminal) => unknown> = {
  "the answer no": ({ type }) => type("n"),
  "Enter, which chooses the default": ({ type }) => type("\r"),
  "Ctrl-C": ({ type }) => type("\x03"),
  "SIGINT": ({ pid }) => Deno.kill(pid, "SIGINT"),
  "SIGTERM": ({ pid }) => Deno.kill(pid, "SIGTERM"),
};

for (const [what, act] of Object.entries(REFUSALS)) {
  Deno.test({
    name:
      `dropdb drops nothing after ${what}, and restores the terminal, and writes no file`,
    ignore: !terminals,
    async fn() {
      await using file = await settingsFile({});
      const { path, folder } = file;
      const entry = { ENGINE: "pglite", DB_NAME: join(folder, "alerce") };
      await Deno.writeTextFile(
        path,
        JSON.stringify({ DB_CONFIG: { SQL: entry } }),
      );
      const shown = await dbpAtTerminal(["dropdb", "--settings_path", path], [
        ["No", act],
      ]);
      assert.match(shown, /Drop all tables of the models/);
      assert.match(shown, /dbp: Nothing was dropped\r?\nexit=7\r?\n/);
      // The cursor is visible, and the terminal edits lines again.
      assert.ok(
        shown.lastIndexOf("\x1b[?25h") > shown.lastIndexOf("\x1b[?25l"),
      );
      assert.match(shown, /\sicanon\s/);
      assert.deepEqual(
        (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name),
        ["settings.json"],
      );
    },
  });
}

Deno.test({
  name: "dropdb drops the tables after the answer yes",
  ignore: !terminals,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using server = await onServer();
    await dbp("initdb", "--settings_path", server.path);
    const shown = await dbpAtTerminal(
      ["dropdb", "--settings_path", server.path],
      [["No", ({ type }) => type("y")]],
    );
    assert.match(shown, /Dropped 18 tables .*\r?\nexit=0\r?\n/);
    assert.deepEqual(await server.state(), []);
  },
});
