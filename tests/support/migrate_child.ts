// deno-lint-ignore-file no-console
// Applies a folder of migrations in a process of its own, and prints each event as a line of JSON.
import { SQLConnection } from "@alerce/db-plugins";
import { migrate } from "@alerce/db-plugins/migrate";
import { countWrites } from "./disk_writes.ts";

const { settings, directory, stopAt, killAtWrite }: {
  settings: object;
  directory: string;
  /** The step before which the process waits for a byte, from 1. */
  stopAt?: number;
  /** The disk write of PGlite at which the process kills itself, from 1. */
  killAtWrite?: number;
} = JSON.parse(Deno.env.get("DBP_TEST_CHILD") ?? "{}");

const writes = countWrites(killAtWrite);
await using db = new SQLConnection<readonly []>({ models: [] });
await db.connect(settings);
console.log(JSON.stringify({ kind: "connected", writes: writes() }));
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
  JSON.stringify({
    kind: "end",
    steps: applied.map(({ steps }) => steps),
    writes: writes(),
  }),
);
