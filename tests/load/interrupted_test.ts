// A load that Ctrl-C ends: the first one after the batch that is being written, the second one at once. Run again with --resume, it completes, and writes each row once.
import { connect } from "@alerce/db-plugins";
import { AstroObject } from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import { join } from "node:path";
import pg from "pg";
import { dbp, settingsFile, taskArguments } from "../support/cli.ts";
import {
  clientConfig,
  freshSchema,
  postgresSettings,
} from "../support/engines.ts";
import { interrupt } from "../support/interrupt.ts";
import { until } from "../support/waiting.ts";

/** Rows of three batches. */
const ROWS = 60_000;

/** Interrupts a load whose first batch waits for a lock, and runs it again. Returns the error output and the exit code of the first run. */
async function interrupted(
  interrupt: (
    child: Deno.ChildProcess,
    release: () => Promise<unknown>,
  ) => Promise<void>,
): Promise<{ readonly code: number; readonly err: string }> {
  const SCHEMA = freshSchema();
  const entry = { SQL: { ...postgresSettings(), SCHEMA } };
  await using file = await settingsFile({ DB_CONFIG: entry });
  const config = ["--settings_path", file.path];
  await using db = await connect(entry);
  const csv = join(file.folder, "rows.csv");
  const rows = Array.from({ length: ROWS }, (_, at) => `ZTF${at},${at}\n`);
  await Deno.writeTextFile(csv, `oid,ndet\n${rows.join("")}`);
  await db.createDb();
  const load = ["load", "object", csv, "--on-conflict", "error"];
  const table = `"${SCHEMA}".object`;
  const locker = new pg.Client(clientConfig());
  try {
    await locker.connect();
    await locker.query(`begin; lock table ${table} in share mode`);
    const child = new Deno.Command(Deno.execPath(), {
      args: [...taskArguments(), ...load, ...config],
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const output = child.output();
    try {
      await until("the first batch", () => isWaiting(locker, table));
      await interrupt(child, () => locker.query("rollback"));
      const { code, stderr } = await output;
      await locker.query("rollback");
      const resumed = await dbp(...load, "--resume", "--json", ...config);
      assert.equal(resumed.code, 0, resumed.err);
      const { files: [report] } = JSON.parse(resumed.out);
      assert.equal(report.skipped + report.rows, ROWS);
      assert.equal(await db.query(AstroObject).count(), ROWS);
      return { code, err: new TextDecoder().decode(stderr) };
    } finally {
      await locker.end();
      await output;
    }
  } finally {
    await db.dropDb();
  }
}

/** Whether a statement waits for a lock of the table. */
async function isWaiting(locker: pg.Client, table: string): Promise<boolean> {
  const { rowCount } = await locker.query(
    "select from pg_locks where not granted and relation = $1::regclass",
    [table],
  );
  return rowCount !== 0;
}

Deno.test("the first Ctrl-C ends a load after the batch that is being written, and says where", async () => {
  const { code, err } = await interrupted(async (child, release) => {
    await interrupt(child);
    await release();
  });
  assert.equal(code, 130, err);
  assert.match(
    err,
    /Interrupted after 20000 rows, which are written and stay\. .*--resume/,
  );
});

Deno.test("the second Ctrl-C ends a load at once", async () => {
  const { code } = await interrupted(async (child) => {
    await interrupt(child);
    child.kill("SIGINT");
  });
  assert.equal(code, 130);
});
