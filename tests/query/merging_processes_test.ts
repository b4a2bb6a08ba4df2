// Four processes that upsert overlapping batches at once, with the rules least and greatest.
import { connect } from "@alerce/db-plugins";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import {
  freshSchema,
  mongoSettings,
  postgresSettings,
} from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";
import { program, ROOT } from "../support/program.ts";
import { batchesOf, mergedRows } from "./merging_rows.ts";

const PROCESSES = [0, 1, 2, 3];
/** Milliseconds until all processes are ready. */
const START = 2_000;

const ENGINES = [
  {
    name: "postgresql",
    settings: () => ({
      ENGINE: "postgresql",
      ...postgresSettings(),
      SCHEMA: freshSchema(),
    }),
    ignore: false,
  },
  {
    name: "mongodb",
    settings: () => ({ ENGINE: "mongodb", ...mongoSettings() }),
    ignore: withoutMongo,
  },
];

for (const { name, settings, ignore } of ENGINES) {
  Deno.test({
    name:
      `${name}: four processes that merge overlapping batches at once leave the least and the greatest values`,
    ignore,
    async fn() {
      const given = settings();
      await using db = await connect(given, { models: [Star] });
      await db.createDb();
      const start = Date.now() + START;
      const ended = await Promise.all(
        PROCESSES.map((process) =>
          program([
            "--no-check",
            `${ROOT}tests/query/merging_child.ts`,
            `${process}`,
            `${start}`,
          ], { env: { DBP_TEST_SETTINGS: JSON.stringify(given) } })
        ),
      );
      for (const { code, err } of ended) assert.equal(code, 0, err);
      const rows = await db.query(Star).findAll({
        orderBy: { id: "asc" },
        select: ["id", "name", "mag", "visits", "seen", "status"],
      });
      assert.deepEqual(
        rows.map((row) => ({ ...row })),
        mergedRows(PROCESSES.flatMap(batchesOf)),
      );
      await db.dropDb();
    },
  });
}
