import assert from "node:assert/strict";
import { sqlEngines } from "./engines.ts";
import { ALERCE_MODELS, AstroObject } from "@alerce/db-plugins/models";

for (const engine of sqlEngines) {
  Deno.test(`${engine.name}: smoke`, async () => {
    const db = await engine.open(ALERCE_MODELS);
    await db.createDb();
    await db.query(AstroObject).bulkInsert([{ oid: "a" }]);
    assert.equal(await db.query(AstroObject).count(), 1);
    await db.dropDb();
    await db.close();
  });
}
