// deno-lint-ignore-file no-console
// Writes rows and transactions without end, and prints each call that the database has acknowledged.
import { openInClient } from "../support/faults/killed_client.ts";
import { Entry, Item, Pair } from "../support/faults/models.ts";

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
      await tx.query(Pair).insert({ id, op });
    });
  }
  console.log(op);
}
