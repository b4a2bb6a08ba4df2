// The seed example on a server and embedded: only ENGINE differs.
import assert from "node:assert/strict";
import { join } from "node:path";
import { freshSchema, postgresSettings } from "../support/engines.ts";
import { initializePglite } from "../support/pglite_template.ts";
import { program, ROOT } from "../support/program.ts";

for (const ENGINE of ["postgresql", "pglite"]) {
  Deno.test(`${ENGINE}: the seed example creates its object once, and finds it the next time`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.mkdir(join(folder, "examples"));
      await Deno.copyFile(
        join(ROOT, "examples/seed.ts"),
        join(folder, "examples/seed.ts"),
      );
      await Deno.symlink(
        join(ROOT, "examples/data"),
        join(folder, "examples/data"),
      );
      const settings: Record<string, unknown> = {
        ...postgresSettings(),
        SCHEMA: freshSchema(),
        ENGINE,
      };
      if (ENGINE === "pglite") {
        await initializePglite(join(folder, String(settings.DB_NAME)));
      }
      await Deno.writeTextFile(
        join(folder, "settings.ts"),
        `export const DB_CONFIG = ${JSON.stringify({ SQL: settings })};`,
      );
      const run = () => program(["examples/seed.ts"], { cwd: folder });
      const outcome = (created: boolean): string =>
        `<AstroObject(oid='ZTF18aaxlzgi')> created: ${created}\n0 objects with at least 2 detections\n`;
      assert.deepEqual(await run(), { code: 0, out: outcome(true), err: "" });
      assert.deepEqual(await run(), { code: 0, out: outcome(false), err: "" });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
