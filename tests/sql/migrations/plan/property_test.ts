// Plans between random models work in both directions and lose no row.
//   DBP_TEST_PAIRS=1000 deno task test tests/sql/migrations/plan/property_test.ts   runs more pairs
import fc from "fast-check";
import { test } from "../../../support/connected.ts";
import { pair } from "../../../support/plan_arbitraries.ts";
import { oracle } from "../../../support/plan_oracle.ts";
import { embedded } from "../../../support/plan_database.ts";
import { SEED } from "../../../support/rounds.ts";

const PAIRS = Number(Deno.env.get("DBP_TEST_PAIRS") ?? 10);

test(`${PAIRS} random pairs of models`, async () => {
  await fc.assert(
    fc.asyncProperty(pair, async ({ old, next, rows, intent }) => {
      await oracle(embedded, old, next, { rows, intent });
    }),
    // Shrinking takes long, and the files in the message say more.
    { numRuns: PAIRS, seed: SEED, endOnFailure: true },
  );
});
