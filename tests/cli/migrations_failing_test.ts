// What the commands for migrations say and end with when something is wrong.
import assert from "node:assert/strict";
import {
  type ServerProject,
  serverProject,
  star,
} from "../support/cli_project.ts";

const VERSIONS = {
  one: star(""),
  renamed: `model("star", {
    fields: z.object({ id: z.int32(), title: z.string().nullable() }),
    primaryKey: ["id"],
  })`,
  filled: star("kind: z.string()"),
};
const HAND = "20990101T000000_by_hand";

/** A test on a server where the first version is applied. */
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
      assert.equal((await project.dbp("one", "initdb")).code, 0);
      await fn(project);
    },
  });
}

/** Runs a line that ends with a code, and gives what it said. */
async function ends(
  project: ServerProject,
  line: string,
  code: number,
  version: keyof typeof VERSIONS = "one",
): Promise<string> {
  const ran = await project.dbp(version, line);
  assert.equal(ran.code, code, `${line}: ${ran.out}${ran.err}`);
  return ran.out + ran.err;
}

test("a step that fails is named with its line; what came before stays, and the next run goes on there", async (project) => {
  await project.write(
    `${HAND}.up.sql`,
    "-- dbp:step\ncreate table planet (id int primary key);\n-- dbp:step\nselect 1 / 0;\n",
  );
  const why =
    "FOLDER/migrations/sql/TIME_by_hand.up.sql:3, step 2 of 2: select 1 / 0: division by zero (22012). What comes before is done; `dbp migrate` goes on there";
  assert.deepEqual(await project.dbp("one", "migrate"), {
    code: 1,
    out: "",
    err: `Applying TIME_by_hand, 2 steps
  step 1 of 2: create table planet (id int primary key)
  step 2 of 2: select 1 / 0
dbp: ${why}
`,
  });
  const { code, out } = await project.dbp("one", "migrate --json");
  assert.equal(code, 1);
  assert.deepEqual(JSON.parse(out), {
    error: { name: "MigrationError", message: why },
  });
  const status = await ends(project, "status --check", 2);
  assert.ok(
    status.includes(
      `failed   TIME_by_hand  2 steps, 1 done, no way back: ${why}\n`,
    ),
    status,
  );
  assert.match(
    await ends(project, "history", 0),
    /WHEN {2}failed {4}TIME_by_hand, 1 of 2 steps, /,
  );
  assert.match(
    await ends(project, "check", 2),
    /TIME_by_hand is half applied, 1 of 2 steps are done/,
  );
  assert.match(await ends(project, "rollback --yes", 4), /it is half applied/);
  await project.write(
    `${HAND}.up.sql`,
    "-- dbp:step\ncreate table planet (id int primary key);\n-- dbp:step\nselect 1;\n",
  );
  assert.match(
    await ends(project, "migrate", 0),
    /^Applied TIME_by_hand, 1 step in N\nMigrated database with config from FOLDER\/one.ts\n/,
  );
});

test("another process that migrates is waited for, named, and given up on with 3", async (project) => {
  await project.write(`${HAND}.up.sql`, "select pg_sleep(8);\n");
  const first = project.process("one", "migrate");
  const running = "select from dbp_migrations where state = 'running'";
  while ((await project.sql(running)).length === 0);
  assert.match(
    await ends(project, "status", 0),
    /^running {2}TIME_by_hand {2}1 step, 0 done, process \d+ \(dbp.* has the lock, no way back$/m,
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
  assert.match(err, /^Waiting for another process that migrates, process \d+/);
  const { code: last, out: done } = await first;
  assert.equal(last, 0, done);
  assert.match(await ends(project, "migrate", 0), /^Nothing to do/);
});

test("files that are wrong, edited, missing or late are told of with 4, before anything is done", async (project) => {
  await project.write(`${HAND}.up.sql`, "-- dbp:stp\nselect 1;\n");
  const wrong =
    "FOLDER/migrations/sql/TIME_by_hand.up.sql:1: dbp:stp is not a directive; did you mean dbp:step?\n";
  for (const line of ["migrate", "status", "check", "sql", "make_migrations"]) {
    assert.ok((await ends(project, line, 4)).includes(wrong), line);
  }
  await project.write(`${HAND}.up.sql`, "select 1;\n");
  await ends(project, "migrate", 0);
  await project.write(`${HAND}.up.sql`, "select   1 ; -- as before\n");
  await ends(project, "migrate", 0);
  await project.write(`${HAND}.up.sql`, "select 2;\n");
  assert.match(
    await ends(project, "status", 4),
    /applied {2}TIME_by_hand {2}WHEN, in N, file edited since\n.*was changed after it was applied on WHEN/,
  );
  await ends(project, "migrate", 4);
  assert.match(
    await ends(project, "stamp", 0),
    /^Recorded TIME_by_hand as its edited file says\n/,
  );
  await project.write("20980101T000000_late.up.sql", "select 3;\n");
  const late = await ends(project, "migrate", 4);
  assert.match(late, /TIME_late.up.sql is out of order.*--allow-out-of-order/);
  assert.match(
    await ends(project, "migrate --allow_out_of_order", 0),
    /\nOlder than one that was applied before: TIME_late\n/,
  );
  assert.match(
    await ends(project, "migrate --migrations /nowhere/here", 4),
    /There is no folder of migrations \/nowhere\/here\/sql/,
  );
});

test("a change of what models manage is drift and ends with 5, what is added beside them is left alone", async (project) => {
  await project.sql("alter table star add column by_hand int");
  await project.sql("create index own on star (by_hand)");
  await project.sql("create table notes (id int)");
  assert.match(
    await ends(project, "drift", 0),
    /^Known to no model, left alone: notes, star\.by_hand, star#own\nNo drift in PostgreSQL at SERVER/,
  );
  await project.sql("alter table star alter column name set default 'Sol'");
  assert.match(
    await ends(project, "drift", 5),
    /^The schema was changed by other means since TIME_baseline\nThe database is not what the models say:\n\s+.*star\.name.*\nKnown to no model, left alone: [^\n]*\nDrift in PostgreSQL at SERVER/,
  );
  assert.match(
    await ends(project, "make_migrations", 0),
    /\ndbp: What models manage was changed by other means since TIME_baseline: these files may not fit other databases\. `dbp drift` tells what is different\n/,
  );
  assert.match(
    await ends(project, "check", 5),
    /was changed by hand after TIME_baseline/,
  );
});

test("a rule for live tables that a file breaks ends with 6", async (project) => {
  await project.write(
    `${HAND}.up.sql`,
    "create index by_hand on star (name);\n",
  );
  const said = /TIME_by_hand.up.sql:1: .*CONCURRENTLY/;
  assert.match(await ends(project, "check", 6), said);
  assert.match(await ends(project, "migrate", 6), said);
});

test("what only a person can decide ends with 7 and the options that say it, and those options do it", async (project) => {
  const { code, out } = await project.dbp("renamed", "make_migrations --json");
  assert.equal(code, 7);
  const { error } = JSON.parse(out);
  assert.deepEqual([error.name, error.options], ["DecisionError", [
    "--rename star.name=star.title",
    "--drop star.name",
  ]]);
  await project.sql("insert into star values (1, 'Vega')");
  await ends(
    project,
    "make_migrations --rename star.name=star.title",
    0,
    "renamed",
  );
  await ends(project, "migrate", 0, "renamed");
  assert.deepEqual(await project.sql("select * from star"), [
    { id: 1, title: "Vega" },
  ]);
});

test("before a file is applied that loses data, status and a dry run say what goes", async (project) => {
  await ends(
    project,
    "make_migrations --drop star.name --name gone",
    0,
    "renamed",
  );
  for (
    const [line, said] of [
      [
        "status",
        /^pending {2}TIME_gone {2}2 steps, data goes: drop-column star\.name, no way back$/m,
      ],
      [
        "migrate --dry-run",
        /^Would apply TIME_gone, 2 steps, data goes: drop-column star\.name, no way back$/m,
      ],
    ] as const
  ) {
    assert.match(await ends(project, line, 0, "renamed"), said);
  }
});

test("a column that may not be empty gets what --default says", async (project) => {
  await project.sql("insert into star values (1, 'Vega')");
  assert.match(
    await ends(project, "make_migrations", 7, "filled"),
    /--default star.kind=VALUE/,
  );
  await ends(project, "make_migrations --default star.kind=A0", 0, "filled");
  await ends(project, "migrate", 0, "filled");
  assert.deepEqual(await project.sql("select * from star"), [
    { id: 1, name: "Vega", kind: "A0" },
  ]);
});

test("a migration whose file is gone is taken back by the history's copy", async (project) => {
  await project.write(
    `${HAND}.up.sql`,
    "create table planet (id int primary key);\n",
  );
  await project.write(
    `${HAND}.down.sql`,
    "-- dbp:destructive drop-table planet\ndrop table planet;\n",
  );
  await ends(project, "migrate", 0);
  for (const way of ["up", "down"]) {
    await Deno.remove(`${project.folder}/migrations/sql/${HAND}.${way}.sql`);
  }
  assert.match(await ends(project, "status", 4), /WHEN, in N, file missing\n/);
  assert.match(
    await ends(project, "rollback --dry-run", 0),
    /^Would take back TIME_by_hand, 1 step, as the history keeps it, for its file is gone, data goes: drop-table planet\n/,
  );
  await ends(project, "rollback --yes", 0);
  await ends(project, "status --check", 0);
});

test("files that are written by hand begin with a hint, and are not applied while they are empty", async (project) => {
  await ends(project, "make_migrations --empty --name fill", 0);
  assert.match(await project.read("fill.up.sql"), /^-- Write statements here/);
  assert.match(await ends(project, "migrate", 4), /holds no statement/);
});

test("a baseline is not taken back without being named", async (project) => {
  assert.match(
    await ends(project, "rollback --yes", 1),
    /it is a baseline.*--baseline/,
  );
  await ends(project, "rollback --yes --baseline", 0);
  assert.deepEqual(
    await project.sql("select to_regclass('star') as star"),
    [{ star: null }],
  );
});

test("a way back that failed leaves the migration applied, and the status says so; one that was never applied is told of", async (project) => {
  await project.write(
    `${HAND}.up.sql`,
    "create table planet (id int primary key);\n",
  );
  await project.write(`${HAND}.down.sql`, "select 1 / 0;\n");
  await ends(project, "migrate", 0);
  await ends(project, "rollback --yes", 1);
  assert.match(
    await ends(project, "status --check", 0),
    /applied {2}TIME_by_hand {2}still there: its way back, begun WHEN, failed: .*division by zero/,
  );
  await project.write("20990102T000000_bad.up.sql", "select 1 / 0;\n");
  await ends(project, "migrate", 1);
  const said =
    "TIME_bad was never applied; what is taken back is TIME_by_hand\n";
  const dry = await project.dbp("one", "rollback --dry-run");
  assert.equal(dry.err, said);
  const { err } = await project.dbp("one", "rollback --yes");
  assert.ok(err.startsWith(said), err);
});

test("the history tells each try, and which one was killed", async (project) => {
  const up = `${HAND}.up.sql`;
  await project.write(up, "select 1 / 0;\n");
  await project.write(`${HAND}.down.sql`, "select 1 / 0;\n");
  await ends(project, "migrate", 1);
  // What a run that is killed leaves behind.
  await project.sql(
    "update dbp_migrations set state = 'running', finished_at = null, milliseconds = null, error = null, code = null where state = 'failed'",
  );
  assert.match(
    await ends(project, "status", 0),
    /^running {2}TIME_by_hand {2}1 step, 0 done, was killed: nobody has the lock$/m,
  );
  await project.write(up, "create table planet (id int primary key);\n");
  await ends(project, "migrate", 0);
  await ends(project, "rollback --yes", 1);
  const lines = (await ends(project, "history", 0)).split("\n");
  assert.deepEqual(lines.slice(1, 3), [
    "WHEN  killed    TIME_by_hand, 0 of 1 step, by USER on HOST",
    "WHEN  applied   TIME_by_hand, 1 of 1 step, in N, by USER on HOST",
  ]);
  assert.match(
    lines[3] ?? "",
    /^WHEN {2}failed {4}TIME_by_hand, way back, 0 of 1 step, .*division by zero/,
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

test("an empty folder is not one whose files are all applied", async (project) => {
  await project.sql("drop table star, dbp_migrations");
  for (const name of await project.files()) {
    await Deno.remove(`${project.folder}/migrations/sql/${name}`);
  }
  assert.equal(
    await ends(project, "migrate", 0),
    "Nothing to do: there are no files in FOLDER/migrations/sql, which `dbp initdb` begins (config from FOLDER/one.ts)\n",
  );
  assert.equal(
    await ends(project, "stamp", 0),
    "Nothing to record: there are no files in FOLDER/migrations/sql (config from FOLDER/one.ts)\n",
  );
});
