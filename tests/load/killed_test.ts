// A load that is killed at any moment, and run again with --resume: every row is there, and none twice.
import { connect, type DatabaseConnection } from "@alerce/db-plugins";
import { AstroObject } from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Loads } from "../../src/load/record/loads_model.ts";
import { dbp, settingsFile, taskArguments } from "../support/cli.ts";
import { freshSchema, postgresSettings } from "../support/engines.ts";
import {
  type MongoServer,
  startMongo,
  withoutMongo,
} from "../support/mongo_server.ts";
import { randomNumbers } from "../support/rounds.ts";
import { standaloneSettings } from "../support/mongo_standalone.ts";

const random = randomNumbers();
/** Rows of three batches. */
const ROWS = 60_000;

let server: Promise<MongoServer> | undefined;

Deno.test.afterAll(async () => await (await server)?.stop());

/** A server that ends the transaction of a killed client after 30 seconds. */
async function impatientSettings(): Promise<{ URL: string; DATABASE: string }> {
  server ??= startMongo({
    args: ["--setParameter", "transactionLifetimeLimitSeconds=30"],
  });
  return { URL: (await server).url, DATABASE: freshSchema() };
}

function killed(
  name: string,
  settings: () => Promise<object>,
  { ignore = false, onConflict = "error" } = {},
): void {
  Deno.test({
    name: `a load into ${name} that is killed continues where it was`,
    ignore,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const entry = await settings();
      await using file = await settingsFile({ DB_CONFIG: entry });
      const config = ["--settings_path", file.path];
      await using db = await connect(entry);
      const csv = join(file.folder, "rows.csv");
      const rows = Array.from({ length: ROWS }, (_, at) => `ZTF${at},${at}\n`);
      await Deno.writeTextFile(csv, `oid,ndet\n${rows.join("")}`);
      await db.createDb();
      try {
        const load = ["load", "object", csv, "--on-conflict", onConflict];
        await killAfterFirstBatch(db, [...load, ...config]);
        const resumed = await dbp(...load, "--resume", "--json", ...config);
        assert.equal(resumed.code, 0, resumed.err);
        const { files: [report] } = JSON.parse(resumed.out);
        assert.equal(report.skipped + report.rows, ROWS);
        assert.ok(report.skipped >= 20_000, `${report.skipped} rows skipped`);
        assert.equal(await db.query(AstroObject).count(), ROWS);
        const again = await dbp("load", "object", csv, ...config);
        assert.match(
          again.out,
          /rows\.csv: skipped, because its 60000 rows were loaded or rejected at .* UTC; --again loads it again/,
        );
      } finally {
        await db.dropDb();
      }
    },
  });
}

/** Kills a load at a random moment after its first batch is written and recorded. On a busy machine, it may have ended by then. */
async function killAfterFirstBatch(
  db: DatabaseConnection,
  args: readonly string[],
): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...taskArguments(), ...args],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let isRunning = true;
  const errors = new Response(child.stderr).text().finally(() =>
    isRunning = false
  );
  const isRecorded = async (): Promise<boolean> =>
    await db.query(AstroObject).count() >= 20_000 &&
    await db.query(Loads).count() > 0;
  while (isRunning && !await isRecorded()) await pause(2);
  if (isRunning) await pause(random() * 40);
  try {
    child.kill("SIGKILL");
  } catch { /* It has ended. */ }
  const { code, signal } = await child.status;
  assert.ok(signal === "SIGKILL" || code === 0, await errors);
}

killed(
  "PostgreSQL",
  () =>
    Promise.resolve({ SQL: { ...postgresSettings(), SCHEMA: freshSchema() } }),
);
killed("MongoDB", async () => ({ MONGO: await impatientSettings() }), {
  ignore: withoutMongo,
});
// The rows of a batch are written before its record, so that some may exist that are not recorded.
killed(
  "a MongoDB server without transactions",
  async () => ({ MONGO: await standaloneSettings() }),
  { ignore: withoutMongo, onConflict: "ignore" },
);
