// How `dbp initdb` begins the history of migrations, and what it does where there is one.
import assert from "node:assert/strict";
import { join } from "node:path";
import { dbp, dbpProcess, settingsFile } from "../support/cli.ts";
import { onServer } from "../support/cli_server.ts";
import {
  embeddedProject,
  type Project,
  type ServerProject,
  serverProject,
  star,
} from "../support/cli_project.ts";
import { ROOT } from "../support/program.ts";

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
  "Nothing to do: the database is what the models say (config from FOLDER/one.ts)\n";

/** A test with a project on the server. */
function test(
  name: string,
  fn: (project: ServerProject) => Promise<void>,
): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using project = await serverProject(VERSIONS);
      await fn(project);
    },
  });
}

/** The names of files, their times left out. */
async function filesOf(project: Project): Promise<string[]> {
  return (await project.files()).map(project.plain);
}

/** The fingerprint of the schema after the last migration. */
async function fingerprint(project: Project): Promise<unknown> {
  const { out } = await project.dbp("one", "history --json");
  const { migrations } = JSON.parse(out);
  return migrations.at(-1).fingerprint;
}

for (const open of [serverProject, embeddedProject]) {
  Deno.test({
    name:
      `${open.name}: where there are no files, initdb writes a first one and applies it, and make_migrations then finds nothing to do`,
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
          "Nothing to do: every table of the models is there, as the models say (credentials from FOLDER/one.ts)\n",
        err: "",
      });
      assert.deepEqual(await filesOf(project), BASELINE);
      assert.equal((await project.dbp("one", "drift")).code, 0);
    },
  });
}

test("with --json initdb tells what it made and wrote", async (project) => {
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

Deno.test("an engine without migrations is made as before, and says that it has none", async () => {
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
    err: "dbp: This engine has no migrations\n",
  });
});

test("migrate alone on another server comes to the same fingerprint as initdb without files", async (project) => {
  await project.dbp("one", "initdb");
  await using other = await serverProject(VERSIONS);
  const migrations = ["--migrations", join(project.folder, "migrations")];
  const run = (command: string) =>
    other.dbp("one", [command, ...migrations].join(" "));
  assert.equal((await run("migrate")).code, 0);
  const here = await fingerprint(project);
  assert.equal(typeof here, "string");
  assert.equal(await fingerprint(other), here);
  assert.match((await run("make_migrations")).out, /^Nothing to do/);
  assert.equal((await run("drift")).code, 0);
});

test("where there are files, initdb applies them and writes none", async (project) => {
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

test("tables that are there are kept and recorded, with a first file that would make them elsewhere", async (project) => {
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
Nothing else to do: every table of the models is there, as the models say (credentials from FOLDER/one.ts)
`,
  );
  assert.deepEqual(await project.sql("select * from star"), [
    { id: 1, name: "Vega" },
  ]);
  const again = await project.dbp("one", "make_migrations");
  assert.equal(again.out, NOTHING);
  assert.match((await project.dbp("one", "migrate")).out, /^Nothing to do/);
});

test("tables that are not what the models say begin no history", async (project) => {
  await project.dbp("one", "initdb");
  await project.sql("drop table dbp_migrations");
  await project.sql("alter table star alter column id type bigint");
  await Deno.remove(join(project.folder, "migrations"), { recursive: true });
  const { code, err } = await project.dbp("one", "initdb");
  assert.equal(code, 5);
  assert.match(err, /star\.id is bigint, the model says integer/);
  assert.deepEqual(await project.files(), []);
  assert.match((await project.dbp("one", "status")).err, /no folder/);
});

test("what is pending is left to migrate, and said", async (project) => {
  await project.dbp("one", "initdb");
  await project.dbp("two", "make_migrations");
  assert.deepEqual(await project.dbp("two", "initdb"), {
    code: 2,
    out:
      "Nothing was done: 1 migration pending, which `dbp migrate` applies: TIME_add_star_mag (credentials from FOLDER/two.ts)\n",
    err: "",
  });
  await project.dbp("two", "migrate");
  assert.match(
    (await project.dbp("two", "initdb")).out,
    /^Nothing to do: every table/,
  );
});

test("a new model comes by a migration, and not behind its back", async (project) => {
  await project.dbp("one", "initdb");
  assert.deepEqual(await project.dbp("more", "initdb"), {
    code: 5,
    out: "",
    err:
      "dbp: The models are ahead of the migrations. `dbp make_migrations` writes the files, `dbp migrate` applies them:\n  planet is in no migration\n",
  });
  assert.equal((await project.dbp("more", "make_migrations")).code, 0);
  assert.equal((await project.dbp("more", "migrate")).code, 0);
  assert.match((await project.dbp("more", "initdb")).out, /^Nothing to do/);
});

test("after a first file that failed, initdb says what is left", async (project) => {
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

test("two that run initdb at once with one folder write one first file", async (project) => {
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

test("dropdb drops the history too, and initdb begins again with the files", async (project) => {
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

test("ALeRCE's own tables, made by initdb, are what their migration makes elsewhere", async () => {
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

test("initdb by a role that may not create ends with what it lacks, and writes no file", async (project) => {
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
  const told = new RegExp(
    'may not create there.*GRANT USAGE, CREATE ON SCHEMA "SCHEMA" TO "SCHEMA_guest"',
  );
  for (const tables of ["no table", "the models' table"]) {
    const { code, out, err } = await project.dbp("two", "initdb");
    assert.equal(code, 1, `${tables}: ${out}${err}`);
    assert.equal(out, "");
    assert.match(err, told, `${tables}: ${err}`);
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
  assert.match(err, told);
  assert.equal(err.match(/^Applying /gm)?.length, 1, err);
  await sql(`drop owned by ${guest}`);
  await sql(`drop role ${guest}`);
});

Deno.test("the folder of migrations is the one of the folder one is in, and never this checkout's", async () => {
  const before = await listing();
  await using project = await embeddedProject({ settings: star("") });
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
