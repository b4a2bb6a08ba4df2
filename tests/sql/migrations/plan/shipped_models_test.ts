// The shipped models: from nothing to all of them, and then there is nothing to do.
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import { test } from "../../../support/connected.ts";
import { oracle } from "../../../support/plan_oracle.ts";
import { ON_SQL } from "../../../support/plan_database.ts";

for (const engine of ON_SQL) {
  test(`${engine.name}: from nothing to the 17 models`, async () => {
    await oracle(engine, [], ALERCE_MODELS);
  });
}
