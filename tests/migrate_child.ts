// deno-lint-ignore-file no-console
// Applies a file of migrations as a process of its own, and prints what it does as lines of JSON.
import { SQLConnection } from "@alerce/db-plugins";
import { apply, lockOptions } from "./migrating.ts";

const { settings, text, stopAt, wait = 60_000 }: {
  settings: object;
  text: string;
  /** The step before which it waits for a byte. */
  stopAt?: number;
  wait?: number;
} = JSON.parse(Deno.env.get("DBP_TEST_CHILD") ?? "{}");

const tell = (what: object): void => console.log(JSON.stringify(what));

await using db = new SQLConnection<readonly []>({ models: [] });
await db.connect(settings);
const target = db.migrations();
const session = await target.lock(
  lockOptions({ wait, onEvent: ({ kind }) => tell({ kind }) }),
);
try {
  const steps = await apply(
    target,
    session,
    "20260930T141502_test",
    text,
    (place) => {
      tell({ kind: "step", place });
      // Nothing goes on meanwhile, as in a process that is slow.
      if (place === stopAt) Deno.stdin.readSync(new Uint8Array(1));
    },
  );
  tell({ kind: "done", steps });
} finally {
  await session.release();
}
