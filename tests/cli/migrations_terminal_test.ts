// Questions, progress and interruptions of the migration commands at a terminal.
import assert from "node:assert/strict";
import {
  type ServerProject,
  serverProject,
  star,
} from "../support/cli_project.ts";
import { lockKey } from "../../src/sql/schema/lock.ts";
import { type Act, dbpAtTerminal, terminals } from "../support/terminal.ts";
import { soon } from "../support/migrations_folder.ts";
import { untilEqual } from "../support/waiting.ts";

const VERSIONS = {
  one: star(""),
  renamed: `model("star", {
    fields: z.object({ id: z.int32(), title: z.string().nullable() }),
    primaryKey: ["id"],
  })`,
  filled: star("kind: z.string()"),
  dropped: `model("star", {
    fields: z.object({ id: z.int32() }),
    primaryKey: ["id"],
  })`,
};
let manual = "";
const DOWN = "\x1b[B";

/** A test at a terminal, with the first version applied. */
function test(
  name: string,
  fn: (
    project: ServerProject,
    run: (
      version: keyof typeof VERSIONS,
      line: string,
      ...acts: readonly Act[]
    ) => Promise<string>,
  ) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: !terminals,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using project = await serverProject(VERSIONS);
      assert.equal((await project.dbp("one", "initdb")).code, 0);
      manual = soon("manual", 300);
      await fn(project, async (version, line, ...acts) => {
        const shown = await dbpAtTerminal([
          ...line.split(" "),
          "--settings_path",
          project.settings(version),
        ], acts);
        // The terminal edits lines again.
        assert.match(shown, /\sicanon\s/);
        return project.plain(shown);
      });
    },
  });
}

test(
  "make_migrations asks about a rename, and writes the answer",
  async (project, run) => {
    const shown = await run("renamed", "make_migrations", [
      "--drop star.name",
      ({ type }) => type("\r"),
    ]);
    assert.match(
      shown,
      /Is star\.title the new name of the column star\.name/,
    );
    assert.match(shown, /Migrations made with config from .*\r\nexit=0\r\n/);
    assert.match(
      await project.read("title.up.sql"),
      /ALTER TABLE star RENAME COLUMN name TO title;/,
    );
  },
);

test("the second option can be chosen", async (project, run) => {
  const shown = await run("renamed", "make_migrations --name other", [
    "--drop star.name",
    ({ type }) => type(`${DOWN}\r`),
  ]);
  assert.match(shown, /exit=0\r\n/);
  assert.match(
    await project.read("other.up.sql"),
    /dbp:destructive drop-column star.name/,
  );
});

test(
  "if every option loses data, Enter alone writes nothing",
  async (project, run) => {
    const before = await project.files();
    const refused = await run("dropped", "make_migrations", [
      "--drop star.name",
      ({ type }) => type("\r"),
    ]);
    assert.match(refused, /Decide with --drop star\.name\r?\nexit=7\r?\n/);
    assert.deepEqual(await project.files(), before);
    const shown = await run("dropped", "make_migrations --name drop", [
      "--drop star.name",
      ({ type }) => type(`${DOWN}\r`),
    ]);
    assert.match(shown, /exit=0\r\n/);
    assert.match(
      await project.read("drop.up.sql"),
      /dbp:destructive drop-column star\.name/,
    );
  },
);

test(
  "make_migrations asks for the value of an option",
  async (project, run) => {
    await project.sql("insert into star values (1, 'Vega')");
    const shown = await run(
      "filled",
      "make_migrations --name kind",
      ["--default star.kind=VALUE", ({ type }) => type("\r")],
      // The first prompt is drawn again, with its VALUE.
      [/--default star\.kind=\W/, ({ type }) => type("A0\r")],
    );
    assert.match(shown, /exit=0\r\n/);
    assert.match(await project.read("kind.up.sql"), /'A0'/);
  },
);

/** Ways to leave a question unanswered. */
const REFUSALS: Readonly<Record<string, Act[1]>> = {
  "None of these": ({ type }) => type(`${DOWN}${DOWN}\r`),
  "Ctrl-C": ({ type }) => type("\x03"),
  "SIGINT": ({ pid }) => Deno.kill(pid, "SIGINT"),
  "SIGTERM": ({ pid }) => Deno.kill(pid, "SIGTERM"),
};

for (const [what, act] of Object.entries(REFUSALS)) {
  test(
    `after ${what} at a question nothing is written, and the error names the options`,
    async (project, run) => {
      const before = await project.files();
      const shown = await run("renamed", "make_migrations", [
        "None of these",
        act,
      ]);
      assert.match(
        shown,
        /Decide with --rename star\.name=star\.title or --drop star\.name\r?\nexit=7\r?\n/,
      );
      assert.deepEqual(await project.files(), before);
    },
  );
}

test(
  "rollback asks for confirmation before data is lost",
  async (project, run) => {
    await project.write(
      `${manual}.up.sql`,
      "create table planet (id int primary key);\n",
    );
    await project.write(
      `${manual}.down.sql`,
      "-- dbp:destructive drop-table planet\ndrop table planet;\n",
    );
    await project.dbp("one", "migrate");
    const existing = async (): Promise<unknown> =>
      (await project.sql("select to_regclass('planet')::text as name"))[0]
        ?.name;
    const question = "Roll back";
    const no = await run("one", "rollback", [
      question,
      ({ type }) => type("n"),
    ]);
    assert.match(no, /dbp: Nothing was rolled back\r?\nexit=7\r?\n/);
    assert.equal(await existing(), "planet");
    const yes = await run("one", "rollback", [
      question,
      ({ type }) => type("y"),
    ]);
    assert.match(yes, /Rolled back database with config from .*\r\nexit=0\r\n/);
    assert.equal(await existing(), null);
  },
);

/** Ways to stop a run. */
const INTERRUPTIONS: Readonly<Record<string, Act[1]>> = {
  "Ctrl-C": ({ type }) => type("\x03"),
  "SIGTERM": ({ pid }) => Deno.kill(pid, "SIGTERM"),
  // The terminal was closed.
  "SIGHUP": ({ pid }) => Deno.kill(pid, "SIGHUP"),
};

for (const [what, act] of Object.entries(INTERRUPTIONS)) {
  test(
    `${what} during a step stops it and releases the lock, and the next run continues there`,
    async (project, run) => {
      await project.write(
        `${manual}.up.sql`,
        "-- dbp:step\ncreate table planet (id int primary key);\n-- dbp:step\nselect pg_sleep(600);\n",
      );
      const shown = await run("one", "migrate", ["step 2 of 2", act]);
      assert.match(shown, /TIME_manual, step 2 of 2: select pg_sleep\(600\)/);
      assert.match(
        shown,
        /dbp: .*`dbp migrate` continues there\r?\nexit=130\r?\n/,
      );
      assert.deepEqual(
        await project.sql(
          `select state, steps_done from dbp_migrations where id = '${manual}'`,
        ),
        [{ state: "failed", steps_done: 1 }],
      );
      await untilEqual(
        "the server's work",
        () =>
          project.sql(
            "select pid from pg_stat_activity where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()",
          ),
        [],
      );
      await project.write(
        `${manual}.up.sql`,
        "-- dbp:step\ncreate table planet (id int primary key);\n-- dbp:step\nselect 1;\n",
      );
      const { code, out } = await project.dbp("one", "migrate --lock-wait 0");
      assert.equal(code, 0);
      assert.match(out, /^Applied TIME_manual, 1 step in N\n/);
    },
  );
}

test(
  "one line shows the current step, and the process that it waits for",
  async (project, run) => {
    await project.write(
      `${manual}.up.sql`,
      "-- dbp:step lock_timeout=30s\nalter table star add column own int;\n",
    );
    await project.sql("begin");
    await project.sql("select from star");
    const shown = await run("one", "migrate", [
      "waits for a lock held by",
      () => project.sql("rollback"),
    ]);
    assert.ok(
      shown.includes(
        "\r\x1b[2KTIME_manual, step 1 of 1: alter table star add column own int",
      ),
    );
    assert.match(
      shown,
      /TIME_manual, step 1 waits for a lock held by process \d+/,
    );
    // The line is cleared before the result.
    assert.ok(shown.includes("\x1b[2KApplied TIME_manual, 1 step in N\r\n"));
    assert.match(shown, /exit=0\r\n/);
  },
);

test(
  "Ctrl-C while waiting for the lock ends the command, and nothing was done",
  async (project, run) => {
    await project.write(`${manual}.up.sql`, "select 1;\n");
    const [high, low] = lockKey(project.schema);
    await project.sql(`select pg_advisory_lock(${high}, ${low})`);
    const shown = await run("one", "migrate", [
      "Waiting for another migrating process",
      ({ type }) => type("\x03"),
    ]);
    assert.match(shown, /migrating process, process \d+/);
    assert.match(shown, /dbp: .*\r?\nexit=130\r?\n/);
    assert.deepEqual(
      await project.sql(`select from dbp_migrations where id = '${manual}'`),
      [],
    );
  },
);

test(
  "a rollback does nothing if another rollback ran before the answer",
  async (project, run) => {
    for (const second of [1, 2]) {
      const id = soon(`table_${second}`, 300 + second);
      await project.write(
        `${id}.up.sql`,
        `create table table_${second} (id int primary key);\n`,
      );
      await project.write(
        `${id}.down.sql`,
        `-- dbp:destructive drop-table table_${second}\ndrop table table_${second};\n`,
      );
    }
    assert.equal((await project.dbp("one", "migrate")).code, 0);
    const shown = await run("one", "rollback", [
      "Roll back",
      async ({ type }) => {
        assert.equal((await project.dbp("one", "rollback --yes")).code, 0);
        await type("y");
      },
    ]);
    assert.match(
      shown,
      /Cannot roll back TIME_table_2: another process changed the history meanwhile, and the rollback would now be of TIME_table_1\. Nothing was rolled back\r?\nexit=1\r?\n/,
    );
    assert.deepEqual(await project.sql("select to_regclass('table_1')::text"), [
      { to_regclass: "table_1" },
    ]);
  },
);

test(
  "the first migration of a database with other tables asks, and only y begins",
  async (project, run) => {
    await project.sql("drop table star, dbp_migrations");
    await project.sql("create table invoice (id int)");
    const question =
      /has no migration history, and contains 1 table that no model describes: invoice\. Begin to manage the tables of the models in this database\?/;
    for (const keys of ["\r", "n", "\x03"]) {
      const refused = await run("one", "migrate", [
        question,
        ({ type }) => type(keys),
      ]);
      assert.match(refused, /exit=(?:7|130)\r\n/);
      assert.deepEqual(
        await project.sql("select to_regclass('dbp_migrations') as history"),
        [{ history: null }],
      );
    }
    const begun = await run("one", "migrate", [
      question,
      ({ type }) => type("y"),
    ]);
    assert.match(begun, /Applied .*\r\n[^]*exit=0\r\n/);
    // A database with a history is known.
    const known = await run("one", "initdb");
    assert.doesNotMatch(known, /Begin to manage/);
    assert.match(known, /exit=0\r\n/);
  },
);
