// Upserts the batches of one process, with rules, at the same time as other processes.
import { connect } from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import { batchesOf, RULES } from "./merging_rows.ts";

const [process = "", start = ""] = Deno.args;
await using db = await connect(
  JSON.parse(Deno.env.get("DBP_TEST_SETTINGS") ?? "{}"),
  { models: [Star] },
);
const stars = db.query(Star);
await stars.count();
await new Promise((resolve) =>
  setTimeout(resolve, Math.max(0, Number(start) - Date.now()))
);
for (const batch of batchesOf(Number(process))) {
  await stars.bulkUpsert(batch, { merge: RULES });
}
