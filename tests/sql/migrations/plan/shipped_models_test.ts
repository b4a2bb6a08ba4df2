// A plan creates all shipped models, and a second plan changes nothing.
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import { test } from "../../../support/connected.ts";
import { oracle } from "../../../support/plan_oracle.ts";
import { APART } from "../../../support/plan_database.ts";
import { ROUNDS } from "../../../support/rounds.ts";

// tests/models/shipped_migrations_test.ts runs the same plan on every version.
for (const engine of ROUNDS > 1 ? APART : APART.slice(0, 1)) {
  test(`${engine.name}: a plan creates the 17 models`, async () => {
    await oracle(engine, [], ALERCE_MODELS);
  });
}
