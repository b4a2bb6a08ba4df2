// A load that Ctrl-C ends: the first one after the batch that is being written, the second one at once. Run again with --resume, it completes, and writes each row once.
import { SQLConnection } from "@alerce/db-plugins";
import { AstroObject } from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { dbp, settingsFile, taskArguments } from "../support/cli.ts";
import { freshSchema, postgresSettings } from "../support/engines.ts";

/** Rows of three batches. */
const ROWS = 60_000;

/** Interrupts a load whose first batch waits for a lock, and runs it again. Returns the error output and the exit code of the first run. */
async function interrupted(
  interrupt: (
    child: Deno.ChildProcess,
    release: () => void,
  ) => Promise<void> | void,
): Promise<{ readonly code: number; readonly err: string }> {
  const entry = { SQL: { ...postgresSettings(), SCHEMA: freshSchema() } };
  await using file = await settingsFile({ DB_CONFIG: entry });
  const config = ["--settings_path", file.path];
  await using db = new SQLConnection({ models: [AstroObject] });
  await db.connect(entry.SQL);
  const csv = join(file.folder, "rows.csv");
  const rows = Array.from({ length: ROWS }, (_, at) => `ZTF${at},${at}\n`);
  await Deno.writeTextFile(csv, `oid,ndet\n${rows.join("")}`);
  await db.createDb();
  const load = ["load", "object", csv, "--on-conflict", "error"];
  try {
    const released = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holding = db.transaction(async (tx) => {
      await tx.sql`lock table object in share mode`;
      locked.resolve();
      await released.promise;
    });
    await locked.promise;
    const child = new Deno.Command(Deno.execPath(), {
      args: [...taskArguments(), ...load, ...config],
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const output = child.output();
    try {
      while (!await isWaiting(db)) await pause(20);
      await interrupt(child, released.resolve);
      const { code, stderr } = await output;
      released.resolve();
      await holding;
      const resumed = await dbp(...load, "--resume", "--json", ...config);
      assert.equal(resumed.code, 0, resumed.err);
      const { files: [report] } = JSON.parse(resumed.out);
      assert.equal(report.skipped + report.rows, ROWS);
      assert.equal(await db.query(AstroObject).count(), ROWS);
      return { code, err: new TextDecoder().decode(stderr) };
    } finally {
      released.resolve();
      await output;
      await holding;
    }
  } finally {
    await db.dropDb();
  }
}

/** Whether a statement waits for a lock of the table. */
async function isWaiting(db: SQLConnection): Promise<boolean> {
  const found = await db
    .sql`select from pg_locks where not granted and relation = 'object'::regclass`;
  return found.length > 0;
}

Deno.test("the first Ctrl-C ends a load after the batch that is being written, and says where", async () => {
  const { code, err } = await interrupted(async (child, release) => {
    child.kill("SIGINT");
    await pause(500);
    release();
  });
  assert.equal(code, 130, err);
  assert.match(
    err,
    /Interrupted after 20000 rows, which are written and stay\. .*--resume/,
  );
});

Deno.test("the second Ctrl-C ends a load at once", async () => {
  const { code } = await interrupted(async (child) => {
    child.kill("SIGINT");
    await pause(500);
    child.kill("SIGINT");
  });
  assert.equal(code, 130);
});
