// Opens the given PGlite folder, writes a row, begins a transaction, reports that, and holds the folder until it is killed.
import { SQLConnection } from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";

const [folder = ""] = Deno.args;
const db = new SQLConnection({ models: SUITE_MODELS });
await db.connect({ ENGINE: "pglite", DB_NAME: folder });
await db.createDb();
await db.query(Star).bulkInsert([{ id: 1n, name: "committed" }]);
await db.transaction(async (tx) => {
  await tx.query(Star).bulkInsert([{ id: 99n, name: "not committed" }]);
  await Deno.stdout.write(new TextEncoder().encode("open\n"));
  await Deno.stdin.read(new Uint8Array(1));
});
