// deno-lint-ignore-file no-console
// Applies a folder of migrations in a process of its own, and prints each event as a line of JSON.
import { LockError } from "@alerce/db-plugins";
import { migrate } from "@alerce/db-plugins/migrate";
import { MongoClient } from "mongodb";
import { mongoConfig } from "../../src/mongo/driver/config.ts";
import { openMongo } from "../../src/mongo/driver/open_mongo.ts";
import { mongoTarget } from "../../src/mongo/migrations/target.ts";

const { settings, directory, stopAt, killAt, lease }: {
  settings: { URL: string; DATABASE: string };
  directory: string;
  /** The step before which the process waits for a byte, from 1. */
  stopAt?: number;
  /** The command of a step at which the process kills itself, from 1; it counts commands when they are sent and when they are answered. */
  killAt?: number;
  /** Times of the lease, in milliseconds. */
  lease: { length: number; renewal: number };
} = JSON.parse(Deno.env.get("DBP_TEST_CHILD") ?? "{}");

/** The commands that steps send. */
const STEPS = [
  ...["create", "createIndexes", "collMod", "dropIndexes", "drop"],
  ...["renameCollection", "update"],
];

const client = new MongoClient(settings.URL, { monitorCommands: true });
let seen = 0;
const count = (name: string, text: string): void => {
  if (!STEPS.includes(name) || text.includes("dbp_")) return;
  if (++seen === killAt) Deno.kill(Deno.pid, "SIGKILL");
};
const sent = new Map<number, string>();
client.on("commandStarted", ({ commandName, command, requestId }) => {
  const text = JSON.stringify(
    command,
    (_key, value) => typeof value === "bigint" ? String(value) : value,
  );
  sent.set(requestId, text);
  count(commandName, text);
});
client.on("commandSucceeded", ({ commandName, requestId }) => {
  count(commandName, sent.get(requestId) ?? "dbp_");
});

const driver = await openMongo(mongoConfig(settings, "test"), {
  source: "test",
  models: [],
  client,
});
const db = { migrations: () => mongoTarget(driver, [], lease) };
try {
  const { applied } = await migrate(db, {
    directory,
    lockWait: 600_000,
    onProgress(event) {
      console.log(JSON.stringify(event));
      // Blocks the process, as if it were slow.
      if (event.kind === "step" && event.step === stopAt) {
        Deno.stdin.readSync(new Uint8Array(1));
      }
    },
  });
  console.log(
    JSON.stringify({ kind: "end", steps: applied.map(({ steps }) => steps) }),
  );
} catch (error) {
  console.log(JSON.stringify({
    kind: error instanceof LockError ? "lock lost" : "failed",
    message: String(error),
  }));
  Deno.exitCode = 1;
} finally {
  await client.close();
}
