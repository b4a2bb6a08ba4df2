// Existing rows that break new rules are counted before a run, and a run that failed can be rolled back.
import assert from "node:assert/strict";
import { type ServerProject, serverTest } from "../support/cli_project.ts";

function models(unique: string, kinds: string): string {
  return `model("t", {
    fields: z.object({
      id: z.int32(),
      a: z.int32(),
      b: z.int32(),
      kind: z.enum(${kinds}),
      parent: z.int32().nullable(),
    }),
    primaryKey: ["id"],
    unique: [${unique}],
  })`;
}

const VERSIONS = {
  one: models('["a", "b"]', '["x", "y", "z"]'),
  key: models('["a"]', '["x", "y", "z"]'),
  all: models('["a"]', '["x", "y"]'),
  mixed: models('["a", "b"]', '["x", "y", "z"]').replace(
    "b: z.int32()",
    'b: z.int64(), c: z.string().nullable().meta({ sqlType: "text" })',
  ),
};

function test(
  name: string,
  fn: (project: ServerProject) => Promise<void>,
): void {
  serverTest(name, VERSIONS, async (project) => {
    assert.equal((await project.dbp("one", "initdb")).code, 0);
    await project.sql(
      "insert into t values (1, 1, 1, 'x', 7), (2, 1, 2, 'z', null), (3, 2, 2, 'z', null)",
    );
    await fn(project);
  });
}

const KEY =
  "Existing rows violate the key t_a_key of t: 2 rows share 1 value of (a), such as (1)\n";
const CHECK =
  /Existing rows violate the check t_kind_check of t: 2 rows for which CHECK .* is false, such as \(z\)\n/;

test("make_migrations and migrate --dry-run count the rows that break new rules", async (project) => {
  const made = await project.dbp("all", "make_migrations --name u");
  assert.equal(made.code, 0, made.err);
  const planned = await project.dbp("all", "migrate --dry-run");
  assert.equal(planned.code, 0, planned.err);
  for (const { err } of [made, planned]) {
    assert.ok(err.includes(KEY), err);
    assert.match(err, CHECK);
  }
  const json = await project.dbp("all", "migrate --dry-run --json");
  const { warnings } = JSON.parse(json.out);
  assert.deepEqual(
    warnings.map(({ kind }: { kind: string }) => kind),
    ["violation", "violation"],
  );
  await project.sql("update t set kind = 'x', a = id * 10");
  const clean = await project.dbp("all", "migrate --dry-run");
  assert.doesNotMatch(clean.err, /Existing rows/);
  assert.equal((await project.dbp("all", "migrate")).code, 0);
});

test("a dry run counts what the statements of a manual file break", async (project) => {
  await project.dbp("one", "make_migrations --empty --name manual");
  await project.sql("create table p (id int primary key)");
  const name =
    (await project.files()).find((name) => name.endsWith("_manual.up.sql")) ??
      "";
  await project.write(
    name,
    `-- dbp:step
ALTER TABLE t ADD CONSTRAINT t_parent_fkey FOREIGN KEY (parent) REFERENCES p NOT VALID;
-- dbp:step
ALTER TABLE t VALIDATE CONSTRAINT t_parent_fkey;
-- dbp:step tx=none
CREATE UNIQUE INDEX CONCURRENTLY i ON t (lower(kind) DESC) WHERE b > 1;
-- dbp:step
-- dbp:ignore set-not-null the table is small
ALTER TABLE t ALTER COLUMN parent SET NOT NULL;
`,
  );
  const { err, code } = await project.dbp("one", "migrate --dry-run");
  assert.equal(code, 0, err);
  for (
    const part of [
      "Existing rows violate the foreign key t_parent_fkey of t: 1 row without a row of p, such as (7)\n",
      "Existing rows violate the unique index i of t: 2 rows share 1 value of (lower ( kind )), such as (z)\n",
      "Existing rows violate NOT NULL of t.parent: 2 rows with null\n",
    ]
  ) assert.ok(err.includes(part), err);
});

test("a run that failed is rolled back, and the table has the keys and checks that it had", async (project) => {
  const rules =
    "select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = 't'::regclass order by 1";
  const before = await project.sql(rules);
  assert.equal((await project.dbp("all", "make_migrations --name u")).code, 0);
  await project.sql("update t set kind = 'x'");
  const failed = await project.dbp("all", "migrate");
  assert.equal(failed.code, 1, failed.err);
  assert.match(failed.err, /step 3 of 5.*could not create unique index/);
  const during = await project.sql(
    "select conname from pg_constraint where conrelid = 't'::regclass and contype = 'u'",
  );
  assert.deepEqual(during, [{ conname: "t_a_b_key" }]);
  const dry = await project.dbp("all", "rollback --dry-run");
  assert.match(dry.out, /Would roll back TIME_u/);
  const undone = await project.dbp("all", "rollback --yes");
  assert.equal(undone.code, 0, undone.err);
  assert.deepEqual(await project.sql(rules), before);
  assert.match(
    (await project.dbp("all", "status")).out,
    /1 applied, 1 pending/,
  );
  assert.match((await project.dbp("all", "history")).out, /TIME_u/);
  await project.sql("update t set a = id * 10");
  const again = await project.dbp("all", "migrate");
  assert.equal(again.code, 0, again.err);
  assert.equal((await project.dbp("all", "check")).code, 0);
  assert.equal((await project.dbp("all", "rollback --yes")).code, 0);
  assert.deepEqual(await project.sql(rules), before);
});

test("a run that has lost data is not rolled back, but continued", async (project) => {
  await project.dbp("one", "make_migrations --empty --name lossy");
  const name =
    (await project.files()).find((name) => name.endsWith("_lossy.up.sql")) ??
      "";
  await project.write(
    name,
    `-- dbp:destructive drop-column t.b
-- dbp:step
ALTER TABLE t DROP COLUMN b;
-- dbp:step
SELECT 1 / 0;
`,
  );
  await project.write(
    name.replace(".up.", ".down."),
    "ALTER TABLE t ADD COLUMN b int;\n",
  );
  assert.equal((await project.dbp("one", "migrate")).code, 1);
  const { code, err } = await project.dbp("one", "rollback --yes");
  assert.equal(code, 4, err);
  assert.match(
    err,
    /it is partially applied \(1 of 2 steps\), and line 3 of .* is done and has lost data\. `dbp migrate` continues it/,
  );
});

test("--skip-refused writes the other changes, and shows what it leaves out", async (project) => {
  await project.sql(
    "insert into t select n, n, n, 'x', null from generate_series(10, 10100) n",
  );
  const refused = await project.dbp("mixed", "make_migrations");
  assert.equal(refused.code, 7, refused.err);
  assert.match(
    refused.err,
    /Not generated: change the type of t\.b from integer to bigint.*\. `dbp make_migrations --skip-refused` writes the other changes\. Write it manually/,
  );
  const { code, out, err } = await project.dbp(
    "mixed",
    "make_migrations --skip-refused --name c",
  );
  assert.equal(code, 0, err);
  assert.match(out, /Wrote .*TIME_c\.up\.sql/);
  assert.match(err, /Not generated: change the type of t\.b/);
  assert.match(await project.read("_c.up.sql"), /ADD COLUMN c text/);
  assert.equal((await project.dbp("mixed", "migrate")).code, 0);
  assert.equal((await project.dbp("mixed", "make_migrations")).code, 7);
});
