// Errors of the command line for unusable settings, and for its own bugs.
import assert from "node:assert/strict";
import { join } from "node:path";
import { main } from "../../cli.ts";
import { dbp, SECRET, settingsFile } from "../support/cli.ts";

const ENTRY = `{ ENGINE: "pglite", DB_NAME: "memory://" }`;

/** Wrong settings files and their errors. */
const WRONG: [string, string, string][] = [
  [
    "an invalid URL",
    `new URL("postgresql://sec:Sup3r/${SECRET}@h x/db");`,
    `: the file cannot be loaded: Invalid URL`,
  ],
  [
    "every wrong key",
    `export const DB_CONFIG = { SQL: { ENGINE: "postgres", HOTS: "h", PASSWORD: "${SECRET}" } };`,
    `:
  ENGINE must be one of postgresql, pglite, mongodb; did you mean postgresql?
  HOTS is not a setting; did you mean HOST?
  HOST is missing
  USER is missing
  DB_NAME is missing`,
  ],
  [
    "every wrong export",
    `export const DB_CONFG = { SQL: ${ENTRY} };
     export const MODEL = [];
     export const ENGINES = [{ name: "x" }, 3];`,
    `:
  DB_CONFIG is not exported, but DB_CONFG is
  MODELS is not exported, but MODEL is
  ENGINES.0 is not an engine
  ENGINES.1 is not an engine`,
  ],
  [
    "wrong entries and wrong models",
    `export const DB_CONFIG = { SQL: ${ENTRY}, A: "${SECRET}", B: { MODELS: ["star"] } };
     export const MODELS = [{}];`,
    `:
  DB_CONFIG.A must be an object like { ENGINE: "postgresql", HOST: … }
  DB_CONFIG.B.MODELS.0 is not a model
  MODELS.0 is not a model`,
  ],
  [
    "a password without quotes",
    `export const DB_CONFIG = {
  SQL: { PASSWORD: ${SECRET} },
};`,
    ": the file uses a name that is not defined at line 2, column 20. Quotes may be missing",
  ],
  [
    "a missing module",
    `import { x } from "a-module";\nexport const DB_CONFIG = { SQL: x };`,
    ": the file imports a-module, which Deno cannot resolve. " +
    'Add it to deno.json with `deno add npm:a-module`, or import it as "npm:a-module"',
  ],
  [
    "a missing export of a module",
    `import { Stra } from "@alerce/db-plugins/testing";\nexport const DB_CONFIG = { SQL: Stra };`,
    ": the file cannot be loaded: The requested module '@alerce/db-plugins/testing' does not provide an export named 'Stra' at PATH:1:10",
  ],
  [
    "a syntax error",
    `export const DB_CONFIG = { SQL: { PASSWORD: "${SECRET} } };`,
    ": the file cannot be parsed at line 1, column 65",
  ],
];

for (const [what, text, problem] of WRONG) {
  Deno.test(`the error for a settings file with ${what} names the problem and no password`, async () => {
    await using file = await settingsFile(text);
    const message = `Invalid settings file ${file.path}${
      problem.replace("PATH", `file://${file.path}`)
    }`;
    assert.deepEqual(await dbp("initdb", "--settings_path", file.path), {
      code: 1,
      out: "",
      err: `dbp: ${message}\n`,
    });
    const json = await dbp("initdb", "--json", "--settings_path", file.path);
    assert.deepEqual([json.code, json.err], [1, ""]);
    assert.equal(JSON.parse(json.out).error.message, message);
  });
}

Deno.test("a file with another extension is not a settings file", async () => {
  for (
    const [name, text] of [
      ["settings.yaml", `PASSWORD: ${SECRET}`],
      ["settings.py", `DB_CONFIG = {"PASSWORD": "${SECRET}"}`],
    ]
  ) {
    await using file = await settingsFile("");
    const path = join(file.folder, name ?? "");
    await Deno.writeTextFile(path, text ?? "");
    assert.deepEqual(await dbp("initdb", "--settings_path", path), {
      code: 1,
      out: "",
      err:
        `dbp: Invalid settings file ${path}: the file is not a settings file: its name must end in .ts, .mts, .js, .mjs, .json\n`,
    });
  }
});

Deno.test("a bug of the program prints a stack trace, also with --json", async () => {
  await using file = await settingsFile(`
    export const DB_CONFIG = { SQL: { ENGINE: "faulty" } };
    export const ENGINES = [{ name: "faulty", open() { throw new TypeError("a fault"); } }];`);
  for (const json of [[], ["--json"]]) {
    const out: string[] = [];
    const err: string[] = [];
    const code = await main(["initdb", "--settings_path", file.path, ...json], {
      out: (text) => out.push(text),
      err: (text) => err.push(text),
    });
    assert.equal(code, 1);
    assert.match(err.join(""), /^dbp: TypeError: a fault\n {4}at /);
    assert.deepEqual(
      out,
      json.map(() => '{"error":{"name":"TypeError","message":"a fault"}}'),
    );
  }
});
