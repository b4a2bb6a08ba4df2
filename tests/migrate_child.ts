// deno-lint-ignore-file no-console
// Applies a folder of migrations as a process of its own, and prints what it does as lines of JSON.
import { SQLConnection } from "@alerce/db-plugins";
import { migrate } from "@alerce/db-plugins/migrate";

const { settings, directory, stopAt }: {
  settings: object;
  directory: string;
  /** The step before which it waits for a byte, from 1. */
  stopAt?: number;
} = JSON.parse(Deno.env.get("DBP_TEST_CHILD") ?? "{}");

await using db = new SQLConnection<readonly []>({ models: [] });
await db.connect(settings);
const { applied } = await migrate(db, {
  directory,
  lockWait: 600_000,
  onProgress(event) {
    console.log(JSON.stringify(event));
    // Nothing goes on meanwhile, as in a process that is slow.
    if (event.kind === "step" && event.step === stopAt) {
      Deno.stdin.readSync(new Uint8Array(1));
    }
  },
});
console.log(
  JSON.stringify({ kind: "end", steps: applied.map(({ steps }) => steps) }),
);
