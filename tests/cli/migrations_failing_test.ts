// Errors and exit codes of the migration commands.
import assert from "node:assert/strict";
import {
  type ServerProject,
  serverTest,
  star,
} from "../support/cli_project.ts";
import { soon } from "../support/migrations_folder.ts";
import { until } from "../support/waiting.ts";

const VERSIONS = {
  one: star(""),
  renamed: `model("star", {
    fields: z.object({ id: z.int32(), title: z.string().nullable() }),
    primaryKey: ["id"],
  })`,
  filled: star("kind: z.string()"),
};
let manual = "";

/** A test on a server with the first version applied. */
function test(
  name: string,
  fn: (project: ServerProject) => Promise<void>,
): void {
  serverTest(name, VERSIONS, async (project) => {
    assert.equal((await project.dbp("one", "initdb")).code, 0);
    manual = soon("manual", 300);
    await fn(project);
  });
}

/** Runs a line, checks its exit code, and returns its output. */
async function run(
  project: ServerProject,
  line: string,
  code: number,
  version: keyof typeof VERSIONS = "one",
): Promise<string> {
  const ran = await project.dbp(version, line);
  assert.equal(ran.code, code, `${line}: ${ran.out}${ran.err}`);
  return ran.out + ran.err;
}

test("the error of a failed step names its line; earlier steps stay, and the next run continues there", async (project) => {
  await project.write(
    `${manual}.up.sql`,
    "-- dbp:step\ncreate table planet (id int primary key);\n-- dbp:step\nselect 1 / 0;\n",
  );
  const reason =
    "FOLDER/migrations/sql/TIME_manual.up.sql:3, step 2 of 2: select 1 / 0: division by zero (22012).";
  const message =
    `${reason} The earlier steps are done; \`dbp migrate\` continues there`;
  assert.deepEqual(await project.dbp("one", "migrate"), {
    code: 1,
    out: "",
    err:
      `TIME_manual has no down file: it could not be rolled back. Write the file, or write \`dbp:irreversible\` with the reason
Applying TIME_manual, 2 steps
  step 1 of 2: create table planet (id int primary key)
  step 2 of 2: select 1 / 0
dbp: ${message}
`,
  });
  const { code, out } = await project.dbp("one", "migrate --json");
  assert.equal(code, 1);
  assert.deepEqual(JSON.parse(out), {
    error: { name: "MigrationError", message },
  });
  const status = await run(project, "status --check", 2);
  assert.ok(
    status.includes(
      `failed   TIME_manual  2 steps, 1 done, irreversible: ${reason}\n`,
    ),
    status,
  );
  assert.match(
    await run(project, "history", 0),
    /WHEN {2}failed {7}TIME_manual, 1 of 2 steps, /,
  );
  assert.match(
    await run(project, "check", 2),
    /TIME_manual is partially applied \(1 of 2 steps\)/,
  );
  assert.match(
    await run(project, "rollback --yes", 4),
    /it is partially applied/,
  );
  await project.write(
    `${manual}.up.sql`,
    "-- dbp:step\ncreate table planet (id int primary key);\n-- dbp:step\nselect 1;\n",
  );
  assert.match(
    await run(project, "migrate", 0),
    /^Applied TIME_manual, 1 step in N\nMigrated database with config from FOLDER\/one.ts\n/,
  );
});

test("migrate waits for another migrating process, names it, and exits with 3 at the time limit", async (project) => {
  await project.sql("select pg_advisory_lock(hashtext(current_schema()))");
  await project.write(
    `${manual}.up.sql`,
    `-- dbp:step lock_timeout=0 statement_timeout=1h
select pg_advisory_xact_lock(hashtext(current_schema()));
`,
  );
  const first = project.process("one", "migrate");
  const running = "select from dbp_migrations where state = 'running'";
  await until(
    "the first process",
    async () => (await project.sql(running)).length > 0,
  );
  assert.match(
    await run(project, "status", 0),
    /^running {2}TIME_manual {2}1 step, 0 done, running \(the lock holder is process \d+ \(dbp.*\), irreversible$/m,
  );
  const { code, out, err } = await project.dbp(
    "one",
    "migrate --lock-wait 200ms --json",
  );
  assert.equal(code, 3, err);
  const { error } = JSON.parse(out);
  assert.equal(error.name, "LockError");
  assert.match(error.message, /process \d+ \(dbp/);
  assert.match(error.holder, /^process \d+ \(dbp/);
  assert.match(err, /^Waiting for another migrating process, process \d+/);
  await project.sql("select pg_advisory_unlock(hashtext(current_schema()))");
  const ran = await first;
  assert.equal(ran.code, 0, ran.out);
  assert.match(await run(project, "migrate", 0), /^Nothing to do/);
});

test("wrong, edited, missing and out-of-order files exit with 4, before anything is done", async (project) => {
  await project.write(`${manual}.up.sql`, "-- dbp:stp\nselect 1;\n");
  const problem =
    "FOLDER/migrations/sql/TIME_manual.up.sql:1: dbp:stp is not a directive; did you mean dbp:step?\n";
  for (const line of ["migrate", "status", "check", "sql", "make_migrations"]) {
    assert.ok((await run(project, line, 4)).includes(problem), line);
  }
  await project.write(`${manual}.up.sql`, "select 1;\n");
  await run(project, "migrate", 0);
  await project.write(`${manual}.up.sql`, "select   1 ; -- as before\n");
  await run(project, "migrate", 0);
  await project.write(`${manual}.up.sql`, "select 2;\n");
  assert.match(
    await run(project, "status", 4),
    /applied {2}TIME_manual {2}WHEN, in N, file edited since\n.*was edited after it was applied on WHEN/,
  );
  await run(project, "migrate", 4);
  assert.match(
    await run(project, "stamp", 0),
    /^Recorded the edited file of TIME_manual\n/,
  );
  await project.write(`${soon("late", 200)}.up.sql`, "select 3;\n");
  const late = await run(project, "migrate", 4);
  assert.match(late, /TIME_late.up.sql is out of order.*--allow-out-of-order/);
  assert.match(
    await run(project, "migrate --allow_out_of_order", 0),
    /\nApplied out of order, after newer files: TIME_late\n/,
  );
  assert.match(
    await run(project, "migrate --migrations /nowhere/here", 4),
    /Cannot find the migrations folder \/nowhere\/here\/sql/,
  );
});

test("a change of a managed table is drift and exits with 5; other additions are left unchanged", async (project) => {
  await project.sql("alter table star add column own int");
  await project.sql("create index own_index on star (own)");
  await project.sql("create table notes (id int)");
  assert.match(
    await run(project, "drift", 0),
    /^Not in any model, left unchanged: notes, star\.own, star#own_index\nNo drift in PostgreSQL at SERVER/,
  );
  await project.sql("alter table star alter column name set default 'Sol'");
  assert.match(
    await run(project, "drift", 5),
    /^The schema changed outside migrations since TIME_baseline\nThe database differs from the models and needs these changes:\n\s+.*star\.name.*\nRun `dbp make_migrations`, or correct the models\nNot in any model, left unchanged: [^\n]*\nDrift in PostgreSQL at SERVER/,
  );
  assert.match(
    await run(project, "make_migrations", 0),
    /\ndbp: The schema changed outside migrations since TIME_baseline: these files may not fit other databases\. `dbp drift` shows the differences\n/,
  );
  assert.match(
    await run(project, "check", 5),
    /was changed manually after TIME_baseline/,
  );
});

test("a file that breaks a rule for live tables exits with 6", async (project) => {
  await project.write(
    `${manual}.up.sql`,
    "create index manual on star (name);\n",
  );
  const problem = /TIME_manual.up.sql:1: .*CONCURRENTLY/;
  assert.match(await run(project, "check", 6), problem);
  assert.match(await run(project, "migrate", 6), problem);
});

test("an ambiguous change exits with 7 and names the options that decide it", async (project) => {
  const { code, out } = await project.dbp("renamed", "make_migrations --json");
  assert.equal(code, 7);
  const { error } = JSON.parse(out);
  assert.deepEqual([error.name, error.options], ["DecisionError", [
    "--rename star.name=star.title",
    "--drop star.name",
  ]]);
  await project.sql("insert into star values (1, 'Vega')");
  await run(
    project,
    "make_migrations --rename star.name=star.title",
    0,
    "renamed",
  );
  await run(project, "migrate", 0, "renamed");
  assert.deepEqual(await project.sql("select * from star"), [
    { id: 1, title: "Vega" },
  ]);
});

test("status and a dry run announce data loss before a file is applied", async (project) => {
  await run(
    project,
    "make_migrations --drop star.name --name removed",
    0,
    "renamed",
  );
  for (
    const [line, expected] of [
      [
        "status",
        /^pending {2}TIME_removed {2}2 steps, data loss: drop-column star\.name, irreversible$/m,
      ],
      [
        "migrate --dry-run",
        /^Would apply TIME_removed, 2 steps, data loss: drop-column star\.name, irreversible$/m,
      ],
    ] as const
  ) {
    assert.match(await run(project, line, 0, "renamed"), expected);
  }
});

test("--default fills a new column that is not nullable", async (project) => {
  await project.sql("insert into star values (1, 'Vega')");
  assert.match(
    await run(project, "make_migrations", 7, "filled"),
    /--default star.kind=VALUE/,
  );
  await run(project, "make_migrations --default star.kind=A0", 0, "filled");
  await run(project, "migrate", 0, "filled");
  assert.deepEqual(await project.sql("select * from star"), [
    { id: 1, name: "Vega", kind: "A0" },
  ]);
});

test("a migration whose file is missing is rolled back from the copy in the history", async (project) => {
  await project.write(
    `${manual}.up.sql`,
    "create table planet (id int primary key);\n",
  );
  await project.write(
    `${manual}.down.sql`,
    "-- dbp:destructive drop-table planet\ndrop table planet;\n",
  );
  await run(project, "migrate", 0);
  for (const direction of ["up", "down"]) {
    await Deno.remove(
      `${project.folder}/migrations/sql/${manual}.${direction}.sql`,
    );
  }
  assert.match(await run(project, "status", 4), /WHEN, in N, file missing\n/);
  assert.match(
    await run(project, "rollback --dry-run", 0),
    /^Would roll back TIME_manual, 1 step, from the history, because its file is missing, data loss: drop-table planet\n/,
  );
  await run(project, "rollback --yes", 0);
  await run(project, "status --check", 0);
});

test("manually written files begin with a hint, and empty files are not applied", async (project) => {
  await run(project, "make_migrations --empty --name fill", 0);
  assert.match(await project.read("fill.up.sql"), /^-- Write statements here/);
  assert.match(await run(project, "migrate", 4), /has no statement/);
});

test("a baseline is rolled back only with --baseline", async (project) => {
  assert.match(
    await run(project, "rollback --yes", 1),
    /it is a baseline.*--baseline/,
  );
  await run(project, "rollback --yes --baseline", 0);
  assert.deepEqual(
    await project.sql("select to_regclass('star') as star"),
    [{ star: null }],
  );
});

test("a failed down migration leaves the migration applied, as status shows; rollback names a later file that was never applied", async (project) => {
  await project.write(
    `${manual}.up.sql`,
    "create table planet (id int primary key);\n",
  );
  await project.write(`${manual}.down.sql`, "select 1 / 0;\n");
  await run(project, "migrate", 0);
  await run(project, "rollback --yes", 1);
  assert.match(
    await run(project, "status --check", 0),
    /applied {2}TIME_manual {2}still applied: its down migration, started WHEN, failed: .*division by zero/,
  );
  await project.write(`${soon("bad", 400)}.up.sql`, "select 1 / 0;\n");
  await run(project, "migrate", 1);
  const line = "TIME_bad was never applied; rolling back TIME_manual instead\n";
  const dry = await project.dbp("one", "rollback --dry-run");
  assert.equal(dry.err, line);
  const { err } = await project.dbp("one", "rollback --yes");
  assert.ok(err.startsWith(line), err);
});

test("history shows every attempt, and which one was killed", async (project) => {
  const up = `${manual}.up.sql`;
  await project.write(up, "select 1 / 0;\n");
  await project.write(`${manual}.down.sql`, "select 1 / 0;\n");
  await run(project, "migrate", 1);
  // The record that a killed run leaves.
  await project.sql(
    "update dbp_migrations set state = 'running', finished_at = null, milliseconds = null, error = null, code = null where state = 'failed'",
  );
  assert.match(
    await run(project, "status", 0),
    /^running {2}TIME_manual {2}1 step, 0 done, killed \(the lock is free\)$/m,
  );
  await project.write(up, "create table planet (id int primary key);\n");
  await run(project, "migrate", 0);
  await run(project, "rollback --yes", 1);
  const lines = (await run(project, "history", 0)).split("\n");
  assert.deepEqual(lines.slice(1, 3), [
    "WHEN  killed       TIME_manual, 0 of 1 step, by USER on HOST",
    "WHEN  applied      TIME_manual, 1 of 1 step, in N, by USER on HOST",
  ]);
  assert.match(
    lines[3] ?? "",
    /^WHEN {2}failed {7}TIME_manual, down migration, 0 of 1 step, .*division by zero/,
  );
  const { out } = await project.dbp("one", "history --limit 2 --json");
  const { migrations } = JSON.parse(out);
  assert.deepEqual(
    migrations.map(({ state, former }: {
      state: string;
      former: { state: string }[];
    }) => [state, former.map(({ state }) => state)]),
    [["failed", ["applied"]]],
  );
});

test("an empty folder is reported as empty, not as all applied", async (project) => {
  await project.sql("drop table star, dbp_migrations");
  for (const name of await project.files()) {
    await Deno.remove(`${project.folder}/migrations/sql/${name}`);
  }
  assert.equal(
    await run(project, "migrate", 0),
    "Nothing to do: FOLDER/migrations/sql has no migration files; `dbp initdb` writes the first (config from FOLDER/one.ts)\n",
  );
  assert.equal(
    await run(project, "stamp", 0),
    "Nothing to record: FOLDER/migrations/sql has no migration files (config from FOLDER/one.ts)\n",
  );
});
