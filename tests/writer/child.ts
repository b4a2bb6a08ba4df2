// deno-lint-ignore-file no-console
// Writes batches of three tables without end, and prints each batch whose flush the database has acknowledged.
import { createWriter } from "@alerce/db-plugins";
import { openInClient } from "../support/faults/killed_client.ts";
import { Entry, Item, Pair } from "../support/faults/models.ts";

const client = await openInClient();
await using db = client.db;
await using writer = createWriter(db);
for (let batch = 0;; batch++) {
  const op = `${client.run}.${batch}`;
  const id = BigInt(client.run * 1_000_000 + batch);
  writer.insert(Entry, Array.from({ length: 1_500 }, (_, n) => ({ op, n })));
  writer.upsert(Item, [{ id, op }]);
  writer.upsert(Pair, [{ id, op }]);
  await writer.flush();
  console.log(op);
}
