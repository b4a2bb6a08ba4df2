// Violated constraints, and the transaction after such an error.
import { DuplicateKeyError, ForeignKeyError } from "@alerce/db-plugins";
import {
  ALERCE_MODELS,
  AstroObject,
  NonDetection,
  Xmatch,
} from "@alerce/db-plugins/models";
import { Sighting, SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { test } from "../../support/connected.ts";
import { sqlEngines } from "../../support/engines.ts";

for (const engine of sqlEngines) {
  test(`${engine.name}: a row that references a missing row throws a ForeignKeyError and writes nothing`, async () => {
    const db = await engine.open(ALERCE_MODELS);
    await db.createDb();
    await db.query(AstroObject).bulkInsert([{ oid: "a" }]);
    const rows = [{ oid: "a", fid: 1, mjd: 1 }, { oid: "b", fid: 1, mjd: 1 }];
    for (
      const write of [
        () => db.query(NonDetection).bulkInsert(rows),
        () => db.query(NonDetection).bulkUpsert(rows),
      ]
    ) {
      await assert.rejects(write, (error) => {
        assert.ok(error instanceof ForeignKeyError, String(error));
        assert.deepEqual([error.table, error.constraint, error.fields], [
          "non_detection",
          "non_detection_oid_fkey",
          ["oid"],
        ]);
        return true;
      });
    }
    assert.equal(await db.query(NonDetection).count(), 0);
    await assert.rejects(
      db.query(Xmatch).getOrCreate({
        filterBy: { oid: "b", catid: "c" },
        oid_catalog: "x",
        dist: 1,
      }),
      ForeignKeyError,
    );
    await db.query(NonDetection).bulkInsert(rows.slice(0, 1));
    await assert.rejects(
      db.query(AstroObject).deleteAll({ filterBy: { oid: "a" } }),
      ForeignKeyError,
    );
    await db.dropDb();
    await db.close();
  });

  test(`${engine.name}: a failed transaction rejects more statements and is rolled back`, async () => {
    const db = await engine.open(SUITE_MODELS);
    await db.createDb();
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.query(Sighting).bulkInsert([{
          star: 1n,
          night: 1,
          quality: 1,
        }]);
        await tx.query(Sighting).bulkInsert([{
          star: 1n,
          night: 1,
          quality: 1,
        }], { onConflict: "error" }).catch((error) =>
          assert.ok(error instanceof DuplicateKeyError)
        );
        await tx.query(Sighting).count();
      }),
      /the whole transaction will be rolled back/,
    );
    assert.equal(await db.query(Sighting).count(), 0);
    await db.dropDb();
    await db.close();
  });
}
