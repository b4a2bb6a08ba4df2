// Upserts the batches of one process, with rules, at the same time as other processes.
import { connect } from "@alerce/db-plugins";
import { batchesOf, CONFLICT, Keyed, Keyless, RULES } from "./merging_rows.ts";

const [process = "", barrier = "", table = ""] = Deno.args;
await using db = await connect(
  JSON.parse(Deno.env.get("DBP_TEST_SETTINGS") ?? "{}"),
  { models: [Keyed, Keyless] },
);
await db.query(Keyed).count();
const answer = await fetch(barrier, { signal: AbortSignal.timeout(600_000) });
await answer.body?.cancel();
for (const batch of batchesOf(Number(process))) {
  await (table === "keyed"
    ? db.query(Keyed).bulkUpsert(batch, { merge: RULES })
    : db.query(Keyless).bulkUpsert(batch, {
      conflict: CONFLICT,
      merge: RULES,
    }));
}
