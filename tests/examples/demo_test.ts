// The demo prints what it wrote, and the second time what existed.
import { SQLConnection } from "@alerce/db-plugins";
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import { join } from "node:path";
import { initializePglite } from "../support/pglite_template.ts";
import { program, ROOT } from "../support/program.ts";
import { hashes } from "../support/tables.ts";

Deno.test("the demo ingests alerts and prints a light curve, and changes nothing the second time", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const settings = join(folder, "settings.ts");
    const entry = { ENGINE: "pglite", DB_NAME: join(folder, "alerce") };
    await initializePglite(entry.DB_NAME);
    await Deno.writeTextFile(
      settings,
      `export const DB_CONFIG = ${JSON.stringify({ SQL: entry })};`,
    );
    const demo = () =>
      program([
        join(ROOT, "examples/demo.ts"),
        ...["--settings_path", settings],
        ...["--migrations", join(folder, "migrations")],
      ]);
    const tables = async (): Promise<Record<string, string>> => {
      await using db = new SQLConnection();
      await db.connect(entry);
      return await hashes(db, ALERCE_MODELS);
    };
    const first = await demo();
    assert.equal(first.code, 0, first.err);
    assert.match(first.out, /Database created with credentials from/);
    assert.match(
      first.out,
      /78 real ZTF alerts: 45 objects, 250 detections and 714 non-detections are new/,
    );
    assert.match(first.out, /<AstroObject\(oid='ZTF19aazzpje'\)>: 19 detect/);
    assert.match(
      first.out,
      /58684\.18735 +r +20\.065 +0\.188 +930187343115015013/,
    );
    assert.equal(first.out.split("npx -y deno@2.9.6").length - 1, 3);
    const before = await tables();
    assert.match(before.detection ?? "", /^250 rows/);

    const second = await demo();
    assert.equal(second.code, 0, second.err);
    assert.match(second.out, /Nothing to do: /);
    assert.match(second.out, /already existed \(45 objects\)/);
    assert.deepEqual(await tables(), before);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
