// deno-lint-ignore-file no-console
// Writes rows and transactions without end, and prints each call that the database has acknowledged.
import { openInClient } from "../support/faults/killed_client.ts";
import { Entry, Item, Pair } from "../support/faults/models.ts";
import { pause } from "../../src/base/pause.ts";

/** The number of calls after which transactions take long, so that a kill meets one. */
const QUICK = 4;

const client = await openInClient();
await using db = client.db;
for (let call = 0;; call++) {
  const op = `${client.run}.${call}`;
  if (call % 2 === 0) {
    await db.query(Entry).bulkInsert(
      Array.from({ length: 3_000 }, (_, n) => ({ op, n })),
    );
  } else {
    await db.transaction(async (tx) => {
      const id = BigInt(client.run * 1_000_000 + call);
      await tx.query(Item).insert({ id, op });
      if (call > QUICK) await pause(1_000);
      await tx.query(Pair).insert({ id, op });
    });
  }
  console.log(op);
}
