// How `dbp initdb` starts the migration history, and what it does with an existing one.
import assert from "node:assert/strict";
import { join } from "node:path";
import { dbp, dbpProcess, settingsFile } from "../support/cli.ts";
import { onServer } from "../support/cli_server.ts";
import {
  embeddedProject,
  type Project,
  type ServerProject,
  serverProject,
  serverTest,
  star,
} from "../support/cli_project.ts";
import { initializePglite } from "../support/pglite_template.ts";
import { ROOT } from "../support/program.ts";
import { ROUNDS } from "../support/rounds.ts";

const VERSIONS = {
  one: star(""),
  two: star("mag: z.float64().nullable()"),
  more: `${star("")}, model("planet", {
    fields: z.object({ id: z.int32() }),
    primaryKey: ["id"],
  })`,
};
const BASELINE = ["TIME_baseline.down.sql", "TIME_baseline.up.sql"];
const NOTHING =
  "Nothing to do: the database matches the models (config from FOLDER/one.ts)\n";

/** A test with a project on the server. */
function test(
  name: string,
  fn: (project: ServerProject) => Promise<void>,
): void {
  serverTest(name, VERSIONS, fn);
}

/** The names of the files, without their times. */
async function filesOf(project: Project): Promise<string[]> {
  return (await project.files()).map(project.plain);
}

/** The fingerprint of the schema after the last migration. */
async function fingerprint(project: Project): Promise<unknown> {
  const { out } = await project.dbp("one", "history --json");
  const { migrations } = JSON.parse(out);
  return migrations.at(-1).fingerprint;
}

// Each command would start PGlite again, and the code is the same: it runs this at night.
for (
  const open of ROUNDS > 1 ? [serverProject, embeddedProject] : [serverProject]
) {
  Deno.test({
    name:
      `${open.name}: without files, initdb writes a first migration and applies it, and make_migrations finds nothing to do`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using project = await open(VERSIONS);
      const { code, out } = await project.dbp("one", "initdb");
      assert.equal(code, 0);
      assert.equal(
        out,
        `Wrote FOLDER/migrations/sql/TIME_baseline.up.sql
Wrote FOLDER/migrations/sql/TIME_baseline.down.sql
Applied TIME_baseline
Database created with credentials from FOLDER/one.ts
`,
      );
      assert.deepEqual(await filesOf(project), BASELINE);
      assert.match(
        await project.read("up.sql"),
        /CREATE TABLE star \(\n {2}id integer NOT NULL,/,
      );
      const again = await project.dbp("one", "make_migrations --check");
      assert.deepEqual(again, { code: 0, out: NOTHING, err: "" });
      assert.deepEqual(await project.dbp("one", "initdb"), {
        code: 0,
        out:
          "Nothing to do: all tables exist and match the models (credentials from FOLDER/one.ts)\n",
        err: "",
      });
      assert.deepEqual(await filesOf(project), BASELINE);
      assert.equal((await project.dbp("one", "drift")).code, 0);
    },
  });
}

test("initdb --json reports what it created and wrote", async (project) => {
  const { out } = await project.dbp("one", "initdb --json");
  assert.deepEqual(JSON.parse(out), {
    path: "FOLDER/one.ts",
    databaseCreated: false,
    created: ["star"],
    present: [],
    files: [
      "FOLDER/migrations/sql/TIME_baseline.up.sql",
      "FOLDER/migrations/sql/TIME_baseline.down.sql",
    ],
    applied: ["TIME_baseline"],
    recorded: [],
    pending: [],
  });
});

Deno.test("initdb creates the schema of an engine without migrations, and migrate reports the missing support", async () => {
  await using file = await settingsFile(`
    import { memory } from ${
    JSON.stringify(join(ROOT, "tests/memory/engine.ts"))
  };
    import { Star } from "@alerce/db-plugins/testing";
    export const ENGINES = [memory];
    export const DB_CONFIG = { SQL: { ENGINE: "memory" } };
    export const MODELS = [Star];`);
  const run = (command: string) => dbp(command, "--settings_path", file.path);
  assert.deepEqual(await run("initdb"), {
    code: 0,
    out: `Database created with credentials from ${file.path}\n`,
    err: "",
  });
  assert.deepEqual(await run("migrate"), {
    code: 1,
    out: "",
    err: "dbp: Cannot migrate: this engine has no migrations\n",
  });
});

test("migrate on another server gives the same fingerprint as initdb without files", async (project) => {
  await project.dbp("one", "initdb");
  await using other = await serverProject(VERSIONS);
  const migrations = ["--migrations", join(project.folder, "migrations")];
  const run = (command: string) =>
    other.dbp("one", [command, ...migrations].join(" "));
  assert.equal((await run("migrate")).code, 0);
  const expected = await fingerprint(project);
  assert.equal(typeof expected, "string");
  assert.equal(await fingerprint(other), expected);
  assert.match((await run("make_migrations")).out, /^Nothing to do/);
  assert.equal((await run("drift")).code, 0);
});

test("if files exist, initdb applies them and writes none", async (project) => {
  await project.dbp("one", "make_migrations");
  await project.dbp("one", "migrate");
  await project.dbp("two", "make_migrations");
  const files = await project.files();
  await using other = await serverProject(VERSIONS);
  const migrations = join(project.folder, "migrations");
  const { code, out } = await other.dbp(
    "two",
    `initdb --migrations ${migrations}`,
  );
  assert.equal(code, 0);
  assert.equal(
    out,
    `Applied TIME_add_star, TIME_add_star_mag
Database created with credentials from FOLDER/two.ts
`,
  );
  assert.deepEqual(await project.files(), files);
  const again = await other.dbp(
    "two",
    `make_migrations --migrations ${migrations}`,
  );
  assert.match(again.out, /^Nothing to do/);
});

test("existing tables are kept and recorded, with a first migration that creates them elsewhere", async (project) => {
  await project.dbp("one", "initdb");
  await project.sql("drop table dbp_migrations");
  await project.sql("insert into star values (1, 'Vega')");
  await Deno.remove(join(project.folder, "migrations"), { recursive: true });
  const { code, out } = await project.dbp("one", "initdb");
  assert.equal(code, 0);
  assert.equal(
    out,
    `Wrote FOLDER/migrations/sql/TIME_baseline.up.sql
Wrote FOLDER/migrations/sql/TIME_baseline.down.sql
Recorded as applied: TIME_baseline
Nothing else to do: all tables exist and match the models (credentials from FOLDER/one.ts)
`,
  );
  assert.deepEqual(await project.sql("select * from star"), [
    { id: 1, name: "Vega" },
  ]);
  const again = await project.dbp("one", "make_migrations");
  assert.equal(again.out, NOTHING);
  assert.match((await project.dbp("one", "migrate")).out, /^Nothing to do/);
});

test("tables that differ from the models start no history", async (project) => {
  await project.dbp("one", "initdb");
  await project.sql("drop table dbp_migrations");
  await project.sql("alter table star alter column id type bigint");
  await Deno.remove(join(project.folder, "migrations"), { recursive: true });
  const { code, err } = await project.dbp("one", "initdb");
  assert.equal(code, 5);
  assert.match(err, /the type of star\.id is bigint, the model has integer/);
  assert.deepEqual(await project.files(), []);
  assert.match(
    (await project.dbp("one", "status")).err,
    /Cannot find the migrations folder/,
  );
});

test("initdb leaves pending migrations to migrate, and names them", async (project) => {
  await project.dbp("one", "initdb");
  await project.dbp("two", "make_migrations");
  assert.deepEqual(await project.dbp("two", "initdb"), {
    code: 2,
    out:
      "Nothing was done: 1 migration pending, TIME_add_star_mag. Apply with `dbp migrate` (credentials from FOLDER/two.ts)\n",
    err: "",
  });
  await project.dbp("two", "migrate");
  assert.match(
    (await project.dbp("two", "initdb")).out,
    /^Nothing to do: all tables/,
  );
});

test("initdb does not create a new model without a migration", async (project) => {
  await project.dbp("one", "initdb");
  assert.deepEqual(await project.dbp("more", "initdb"), {
    code: 5,
    out: "",
    err:
      "dbp: Some models have no migration. Run `dbp make_migrations`, then `dbp migrate`:\n  planet has no migration\n",
  });
  assert.equal((await project.dbp("more", "make_migrations")).code, 0);
  assert.equal((await project.dbp("more", "migrate")).code, 0);
  assert.match((await project.dbp("more", "initdb")).out, /^Nothing to do/);
});

test("after the first migration failed, initdb names what is pending", async (project) => {
  await project.write(
    "20260101T000000_first.up.sql",
    "create table star (id integer not null, name varchar, constraint star_pkey primary key (id));\n-- dbp:step\nselect 1 / 0;\n",
  );
  const { code, err } = await project.dbp("one", "initdb");
  assert.equal(code, 1);
  assert.match(err, /division by zero/);
  assert.match(
    (await project.dbp("one", "initdb")).out,
    /^Nothing was done: 1 migration pending/,
  );
});

test("two concurrent runs of initdb in one folder write one first migration", async (project) => {
  const runs = await Promise.all([
    project.process("one", "initdb"),
    project.process("one", "initdb"),
  ]);
  assert.deepEqual(runs.map(({ code }) => code), [0, 0], Deno.inspect(runs));
  assert.deepEqual(await filesOf(project), BASELINE);
  assert.match(
    (await project.dbp("one", "status --check")).out,
    /1 applied, 0 pending/,
  );
});

test("dropdb drops the history, and initdb applies the files again", async (project) => {
  await project.dbp("one", "initdb");
  await project.dbp("one", "dropdb --yes");
  assert.deepEqual(
    await project.sql("select to_regclass('dbp_migrations') as history"),
    [{ history: null }],
  );
  assert.match(
    (await project.dbp("one", "initdb")).out,
    /^Applied TIME_baseline\nDatabase created/,
  );
});

test("initdb creates the ALeRCE tables as their migration does elsewhere", async () => {
  await using one = await onServer();
  await using other = await onServer();
  const migrations = join(one.path, "..", "migrations");
  assert.equal((await dbp("initdb", "--settings_path", one.path)).code, 0);
  const run = async (command: string, path: string) => {
    const words = ["--settings_path", path, "--migrations", migrations];
    return await dbp(command, ...words, "--json");
  };
  assert.equal((await run("migrate", other.path)).code, 0);
  const prints = await Promise.all(
    [one, other].map(async ({ path }) =>
      JSON.parse((await run("history", path)).out).migrations.at(-1).fingerprint
    ),
  );
  assert.equal(prints[0], prints[1]);
  for (const { path } of [one, other]) {
    const made = JSON.parse((await run("make_migrations", path)).out);
    assert.deepEqual([made.files, made.changes], [undefined, []]);
  }
});

test("initdb by a role without CREATE names the missing GRANT and writes no file", async (project) => {
  const { schema, sql } = project;
  const guest = `${schema}_guest`;
  await sql(`create schema ${schema}`);
  await sql(`create role ${guest} login password 'guest'`);
  await sql(`grant usage on schema ${schema} to ${guest}`);
  const settings = await Deno.readTextFile(project.settings("one"));
  await Deno.writeTextFile(
    project.settings("two"),
    settings.replace(/"USER":"[^"]*"/, `"USER":"${guest}"`)
      .replace(/"PASSWORD":"[^"]*"/, '"PASSWORD":"guest"'),
  );
  const grant = new RegExp(
    'may not create objects there.*GRANT USAGE, CREATE ON SCHEMA "SCHEMA" TO "SCHEMA_guest"',
  );
  for (const tables of ["no table", "the models' table"]) {
    const { code, out, err } = await project.dbp("two", "initdb");
    assert.equal(code, 1, `${tables}: ${out}${err}`);
    assert.equal(out, "");
    assert.match(err, grant, `${tables}: ${err}`);
    assert.deepEqual(await project.files(), [], tables);
    await sql(
      `create table if not exists star (id integer primary key, name varchar)`,
    );
    await sql(`grant all on star to ${guest}`);
  }
  await sql("drop table star");
  await project.dbp("one", "make_migrations");
  const { code, err } = await project.dbp("two", "initdb");
  assert.equal(code, 1);
  assert.match(err, grant);
  assert.equal(err.match(/^Applying /gm)?.length, 1, err);
  await sql(`drop owned by ${guest}`);
  await sql(`drop role ${guest}`);
});

Deno.test("the default migrations folder is in the current folder, never in this checkout", async () => {
  const before = await listing();
  await using project = await embeddedProject({ settings: star("") });
  await initializePglite(join(project.folder, "data"));
  const { code } = await dbpProcess(["initdb"], { cwd: project.folder });
  assert.equal(code, 0);
  assert.deepEqual(await filesOf(project), BASELINE);
  assert.deepEqual(await listing(), before);
});

async function listing(): Promise<string[]> {
  const { stdout } = await new Deno.Command("find", {
    args: [join(ROOT, "migrations")],
  }).output();
  return new TextDecoder().decode(stdout).split("\n").sort();
}
