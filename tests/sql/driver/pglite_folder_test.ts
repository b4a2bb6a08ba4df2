// A PGlite folder belongs to one process at a time, and committed rows survive a killed process.
import { ConnectionError, SQLConnection } from "@alerce/db-plugins";
import { Star, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const HOLDER = fileURLToPath(new URL("./folder_holder.ts", import.meta.url));

/** Starts a process that opens the folder, with one committed row and one in an open transaction. */
async function holder(folder: string): Promise<Deno.ChildProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", HOLDER, folder],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  assert.equal(new TextDecoder().decode(value), "open\n");
  await reader.cancel();
  return child;
}

async function opened(
  folder: string,
): Promise<SQLConnection<typeof SUITE_MODELS>> {
  const db = new SQLConnection({ models: SUITE_MODELS });
  await db.connect({ ENGINE: "pglite", DB_NAME: folder });
  return db;
}

function heldBy(pid: number): (error: unknown) => boolean {
  return (error) =>
    error instanceof ConnectionError &&
    new RegExp(`process ${pid} has had it open since \\d{4}-.* UTC\\. A`).test(
      error.message,
    );
}

async function ids(db: SQLConnection<typeof SUITE_MODELS>): Promise<bigint[]> {
  const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
  return rows.map(({ id }) => id);
}

Deno.test({
  name:
    "a PGlite folder in use is rejected with its lock holder, and opens with all committed rows after that process was killed",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const parent = await Deno.makeTempDir({ prefix: "dbp-folder-" });
    const folder = join(parent, "new", "data");
    try {
      const killed = await holder(folder);
      await assert.rejects(opened(folder), heldBy(killed.pid));
      const link = join(parent, "link");
      await Deno.symlink(folder, link);
      await assert.rejects(opened(link), heldBy(killed.pid));
      killed.kill("SIGKILL");
      await killed.status;
      await killed.stdin.abort().catch(() => {});

      const db = await opened(folder);
      assert.deepEqual(await ids(db), [1n]);
      await assert.rejects(opened(folder), heldBy(Deno.pid));
      await db.query(Star).bulkInsert([{ id: 2n, name: "b" }]);
      await db.close();
      await db.close();

      const again = await opened(link);
      assert.deepEqual(await ids(again), [1n, 2n]);
      await again.close();
    } finally {
      await Deno.remove(parent, { recursive: true });
    }
  },
});
