// The rows that a batch leaves out are those that bulkUpsert would not keep.
import { NonDetection } from "@alerce/db-plugins/models";
import assert from "node:assert/strict";
import fc from "fast-check";
import { bestRows } from "../../src/ztf/best_rows.ts";
import { memoryEngine } from "../memory/engine.ts";
import { ROUNDS } from "../support/rounds.ts";

const row = fc.record({
  oid: fc.constantFrom("ZTF18aaaaaaa", "ZTF18aaaaaab"),
  fid: fc.constantFrom(1, 2),
  mjd: fc.constantFrom(58000, 58000.5),
  diffmaglim: fc.option(fc.constantFrom(19.5, 20, 20.5)),
});

Deno.test("bulkUpsert of the best rows writes what bulkUpsert of all rows writes", async () => {
  const options = { prefer: ["diffmaglim"] } as const;
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 12 }), async (rows) => {
      const best = bestRows(NonDetection, rows, options.prefer);
      const keys = new Set(
        rows.map(({ oid, fid, mjd }) => `${oid} ${fid} ${mjd}`),
      );
      assert.equal(best.length, keys.size);
      const [all, few] = await Promise.all([rows, best].map(async (given) => {
        await using db = await memoryEngine.open([NonDetection]);
        await db.createDb();
        await db.query(NonDetection).bulkUpsert(given, options);
        return await db.query(NonDetection).findAll({
          orderBy: { oid: "asc", fid: "asc", mjd: "asc" },
        });
      }));
      assert.deepEqual(few, all);
    }),
    { numRuns: 50 * ROUNDS },
  );
});

Deno.test("the best rows include those that are refused or cannot be compared", () => {
  const key = { oid: "ZTF18aaaaaaa", fid: 1, mjd: 58000 };
  for (const diffmaglim of [-Infinity, NaN]) {
    const rows = [{ ...key, diffmaglim: 20 }, { ...key, diffmaglim }];
    for (const order of [rows, rows.toReversed()]) {
      const best = bestRows(NonDetection, order, ["diffmaglim"]);
      assert.deepEqual(new Set(best), new Set(rows));
    }
  }
});
