// `dbp migrate` while the network swallows packets: lines say what it waits for, and the first signal ends it.
import assert from "node:assert/strict";
import pg from "pg";
import {
  clientConfig,
  freshSchema,
  postgresSettings,
} from "../support/engines.ts";
import {
  type HoleRun,
  migrateThroughHole,
  testHoles,
} from "../support/network_hole.ts";
import type { DbpTimes } from "../support/running_dbp.ts";

/** The first step ends at once, the second one waits for a lock until the test releases it. */
const FILE = `-- dbp:step
create table one (id int);
-- dbp:step
create table two (id int);
lock table held;
`;

/** A run of `dbp`, and a client that holds the lock for which the second step waits. */
interface Run extends HoleRun {
  readonly holder: pg.Client;
}

/** Registers a test of a run. */
function testRun(
  name: string,
  fn: (run: Run) => Promise<void>,
  times: DbpTimes = { silentTicks: 1_000 },
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
    try {
      await migrateThroughHole(
        {
          key: "SQL",
          port: Number(server.PORT),
          file: [".sql", FILE],
          entry: (PORT) => ({
            ...{ ENGINE: "postgresql", ...server, SCHEMA: schema },
            PORT,
          }),
          release: async () => void await holder.query("rollback"),
        },
        { tick: 100, ...times },
        (run) => fn({ ...run, holder }),
      );
    } finally {
      await holder.query(`drop schema ${schema} cascade`);
      await holder.end();
    }
  });
}

testHoles(
  testRun,
  "PostgreSQL",
  "lock table held",
  /^dbp: .*Lost the migration session at .*: Lost PostgreSQL at .*: the server has not answered for .*\. The earlier steps are done; `dbp migrate[^`]*` continues there$/m,
);

testRun(
  "a signal stops a step whose server answers, which is rolled back",
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
  { silentTicks: 1_000, grace: 60_000 },
);

testRun(
  "a run whose server no longer answers fails without a signal, too",
  async ({ proxy, text, until, ended }) => {
    await until(/step 2 of 2/);
    proxy.swallowAll();
    assert.equal(await ended, 3);
    assert.match(text(), /Waiting for an answer/);
    assert.match(text(), /does not answer new connections/);
  },
  { silentTicks: 3, answer: 300 },
);
