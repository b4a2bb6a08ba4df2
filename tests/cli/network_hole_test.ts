// `dbp migrate` while the network swallows packets: lines say what it waits for, and the first signal ends it.
import assert from "node:assert/strict";
import { join } from "node:path";
import pg from "pg";
import { pause } from "../../src/base/pause.ts";
import { settingsFile } from "../support/cli.ts";
import {
  clientConfig,
  freshSchema,
  postgresSettings,
} from "../support/engines.ts";
import {
  type DbpTimes,
  endsAtOnce,
  type RunningDbp,
  startDbp,
} from "../support/running_dbp.ts";
import {
  startSwallowingProxy,
  type SwallowingProxy,
} from "../support/swallowing_proxy.ts";

/** The first step ends at once, the second one waits for a lock until the test releases it. */
const FILE = `-- dbp:step
create table one (id int);
-- dbp:step
create table two (id int);
lock table held;
`;

/** A run of `dbp`, whose connections go through a proxy. */
interface Run extends RunningDbp {
  readonly proxy: SwallowingProxy;
  /** A client that holds the lock for which the second step waits. */
  readonly holder: pg.Client;
}

/** Registers a test of a run in a process of its own, with short times. */
function testRun(
  name: string,
  times: DbpTimes,
  fn: (run: Run) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const schema = freshSchema();
    const server = postgresSettings();
    const holder = new pg.Client(clientConfig(server));
    await holder.connect();
    await holder.query(
      `create schema ${schema}; set search_path to ${schema}; create table held (id int)`,
    );
    await holder.query("begin");
    await holder.query("lock table held");
    const proxy = startSwallowingProxy(Number(server.PORT));
    const entry = { ENGINE: "postgresql", ...server, SCHEMA: schema };
    await using settings = await settingsFile({
      DB_CONFIG: { SQL: { ...entry, PORT: proxy.port } },
    });
    const migrations = join(settings.folder, "migrations", "sql");
    await Deno.mkdir(migrations, { recursive: true });
    await Deno.writeTextFile(
      join(migrations, "20260101T000000_two.up.sql"),
      FILE,
    );
    const child = startDbp([
      "migrate",
      "--yes",
      "--settings_path",
      settings.path,
    ], {
      ...{ tick: 100, silentTicks: 1_000, pause: 50, grace: 300 },
      ...times,
    });
    try {
      await fn({ ...child, proxy, holder });
    } finally {
      child.kill();
      await child.ended;
      proxy.close();
      await holder.query("rollback");
      await holder.query(`drop schema ${schema} cascade`);
      await holder.end();
    }
  });
}

testRun(
  "if the server does not answer, lines report the wait, and the first signal ends the run at once",
  {},
  async ({ proxy, text, until, interrupt }) => {
    await until(/step 2 of 2/);
    proxy.swallowAll();
    await until(
      /^Waiting for an answer from PostgreSQL at 127\.0\.0\.1:\d+, /m,
    );
    await pause(500);
    await endsAtOnce({ interrupt });
    assert.match(
      text(),
      /^dbp: .*Lost the migration session at .*: Lost PostgreSQL at .*: the server has not answered for .*\. The earlier steps are done; `dbp migrate[^`]*` continues there$/m,
    );
  },
);

testRun(
  "a signal that arrives first ends the run of a server that does not answer",
  {},
  async ({ proxy, text, until, interrupt }) => {
    await until(/step 2 of 2/);
    proxy.swallowAll();
    await endsAtOnce({ interrupt });
    assert.match(text(), /has not answered for/);
  },
);

testRun(
  "if only the answer to a step is lost, the signal ends the run at once",
  {},
  async ({ proxy, holder, text, until, interrupt }) => {
    proxy.swallowAnswersTo("lock table held");
    await until(/step 2 of 2/);
    await holder.query("rollback");
    await pause(300);
    await endsAtOnce({ interrupt });
    assert.match(text(), /its answer did not arrive/);
  },
);

testRun(
  "a signal stops a step whose server answers, which is rolled back",
  {},
  async ({ holder, text, until, interrupt }) => {
    await until(/step 2 waits for a lock/);
    const { code } = await interrupt();
    assert.equal(code, 130);
    assert.match(text(), /The step was stopped\./);
    assert.doesNotMatch(text(), /Waiting for an answer/);
    const { rows } = await holder.query(
      "select steps_done, state from dbp_migrations",
    );
    assert.deepEqual(rows, [{ steps_done: 1, state: "failed" }]);
  },
);

testRun(
  "a run whose server does not answer any more fails without a signal, too",
  { silentTicks: 3, answer: 300 },
  async ({ proxy, text, until, ended }) => {
    await until(/step 2 of 2/);
    proxy.swallowAll();
    assert.equal(await ended, 3);
    assert.match(text(), /Waiting for an answer/);
    assert.match(text(), /does not answer new connections/);
  },
);
