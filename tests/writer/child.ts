// deno-lint-ignore-file no-console
// Writes batches of three tables without end, and prints each batch whose flush the database has acknowledged.
import {
  createWriter,
  type DatabaseConnection,
  MongoConnection,
  SQLConnection,
} from "@alerce/db-plugins";
import { Entry, FAULT_MODELS, Item, Pair } from "../support/faults/models.ts";

const { settings, run } = JSON.parse(Deno.env.get("DBP_TEST_CHILD") ?? "{}");
const isMongo = "DATABASE" in settings;
await using db: DatabaseConnection = isMongo
  ? new MongoConnection({ models: FAULT_MODELS })
  : new SQLConnection({ models: FAULT_MODELS });
await db.connect(settings);
await using writer = createWriter(db);
for (let batch = 0;; batch++) {
  const op = `${run}.${batch}`;
  const id = BigInt(run * 1_000_000 + batch);
  writer.insert(Entry, Array.from({ length: 1_500 }, (_, n) => ({ op, n })));
  writer.upsert(Item, [{ id, op }]);
  writer.upsert(Pair, [{ id, op }]);
  await writer.flush();
  console.log(op);
}
