// deno-lint-ignore-file no-console
// Your own table: declare it, create it, write rows in any order, read them one by one.
import { defineModel, type InsertOf, SQLConnection } from "@alerce/db-plugins";
import { z } from "zod";

const Score = defineModel("score", {
  fields: z.object({
    candid: z.int64().meta({
      description: "Candidate identifier of the alert",
    }),
    classifier: z.enum(["stamp", "light curve"]),
    probability: z.float64().min(0).max(1),
    version: z.int32(),
  }),
  primaryKey: ["candid", "classifier"],
  indexes: [{ fields: ["probability"] }],
});

await using db = new SQLConnection({ models: [Score] });
await db.connect({ ENGINE: "pglite", DB_NAME: "memory://" });
await db.createDb();

// The greater version wins, in any order of arrival.
const candid = 516171791415015025n;
const later: InsertOf<typeof Score> = {
  candid,
  classifier: "stamp",
  probability: 0.9,
  version: 2,
};
const earlier = { ...later, probability: 0.4, version: 1 };
for (const batch of [[later], [earlier]]) {
  await db.query(Score).bulkUpsert(batch, { prefer: ["version"] });
}

for await (const row of db.query(Score).stream()) {
  console.log(String(row), row.probability);
}
