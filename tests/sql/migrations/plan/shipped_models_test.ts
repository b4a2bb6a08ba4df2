// A plan creates all shipped models, and a second plan changes nothing.
import { ALERCE_MODELS } from "@alerce/db-plugins/models";
import { test } from "../../../support/connected.ts";
import { oracle } from "../../../support/plan_oracle.ts";
import { ON_SQL } from "../../../support/plan_database.ts";

for (const engine of ON_SQL) {
  test(`${engine.name}: a plan creates the 17 models`, async () => {
    await oracle(engine, [], ALERCE_MODELS);
  });
}
