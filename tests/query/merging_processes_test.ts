// Four processes that upsert overlapping batches at once, with the rules least and greatest, into tables with and without a key.
import { connect } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { program, ROOT } from "../support/program.ts";
import { batchesOf, Keyed, Keyless, mergedRows } from "./merging_rows.ts";
import { MERGING_ENGINES } from "./merging_engines.ts";

const PROCESSES = [0, 1, 2, 3];
/** Milliseconds until all processes are ready. */
const START = 2_000;

for (const { name, settings, ignore } of MERGING_ENGINES) {
  for (const model of [Keyed, Keyless]) {
    Deno.test({
      name:
        `${name}: four processes that merge overlapping batches at once into a ${model.name} table leave one row for each key, with the least and the greatest values`,
      ignore,
      async fn() {
        const given = settings();
        await using db = await connect(given, { models: [Keyed, Keyless] });
        await db.createDb();
        const start = Date.now() + START;
        const ended = await Promise.all(
          PROCESSES.map((process) =>
            program([
              "--no-check",
              `${ROOT}tests/query/merging_child.ts`,
              `${process}`,
              `${start}`,
              model.name,
            ], { env: { DBP_TEST_SETTINGS: JSON.stringify(given) } })
          ),
        );
        for (const { code, err } of ended) assert.equal(code, 0, err);
        const rows = await db.query(model).findAll({ orderBy: { id: "asc" } });
        assert.deepEqual(
          rows.map((row) => ({ ...row })),
          mergedRows(PROCESSES.flatMap(batchesOf)),
        );
        await db.dropDb();
      },
    });
  }
}
