// deno-lint-ignore-file no-console
// Writes rows and transactions without end, and prints each call that the database has acknowledged.
import {
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
for (let call = 0;; call++) {
  const op = `${run}.${call}`;
  if (call % 2 === 0) {
    await db.query(Entry).bulkInsert(
      Array.from({ length: 3_000 }, (_, n) => ({ op, n })),
    );
  } else {
    await db.transaction(async (tx) => {
      const id = BigInt(run * 1_000_000 + call);
      await tx.query(Item).insert({ id, op });
      await tx.query(Pair).insert({ id, op });
    });
  }
  console.log(op);
}
