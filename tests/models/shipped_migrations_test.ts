// The files in migrations/ create the schema of ALeRCE's models. A change of a model requires a new file.
import { makeMigrations, migrate, rollback } from "@alerce/db-plugins/migrate";
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { everyPostgres, mongoEngine } from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";

const directory = fileURLToPath(new URL("../../migrations", import.meta.url));

for (const engine of [...everyPostgres, ...withoutMongo ? [] : [mongoEngine]]) {
  Deno.test({
    name:
      `${engine.name}: the migration files of the repository create ALeRCE's tables`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const db = await engine.open(ALERCE_MODELS);
      await migrate(db, { directory });
      const { changes, files } = await makeMigrations(db, {
        directory,
        dryRun: true,
      });
      assert.deepEqual([...changes], []);
      assert.equal(files, undefined);
      await db.createDb({ verify: true });
      await rollback(db, { directory, steps: Infinity });
      assert.equal(await db.migrations().isEmpty(), true);
      await db.dropDb();
      await db.close();
    },
  });
}
